"""Virtual trials: replicates, estimators, looks, and what they answer."""
