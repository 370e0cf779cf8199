"""What grades mean, in words and pictures."""
