"""Claims put to simulated twins."""
