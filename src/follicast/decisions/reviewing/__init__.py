"""Is it working? Later readings against the stored forecast."""
