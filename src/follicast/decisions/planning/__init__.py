"""The plan: candidates, their forecasts, their comparison, and the best one taken apart line by line."""
