"""A review on screen, as a page and as JSON, and the forecast that it is held against."""
