"""What a measured photograph says: a picture to check, a record, a table, and rows of a person file."""
