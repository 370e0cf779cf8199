"""What the literature says: numbers with unit, prior, sources and grade."""
