"""Photographs read: files, and what can be measured in them."""
