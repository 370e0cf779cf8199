"""A virtual trial on screen, as a page, and as a data set."""
