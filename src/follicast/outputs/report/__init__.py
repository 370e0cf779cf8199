"""The report of a plan: page, papers, figures and JSON."""
