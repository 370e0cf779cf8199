"""What the safety rules say, and the letter where no forecast may be made."""
