"""From fitted twins to candidates, their comparison and a plan."""
