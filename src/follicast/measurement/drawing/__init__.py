"""Photographs drawn of simulated hair, with the truth about every hair in them."""
