"""What a person gets to see of a plan: report, calendar, JSON, terminal. Reads `decisions.result` only."""
