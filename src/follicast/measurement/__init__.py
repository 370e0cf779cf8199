"""What an instrument reads of a simulated scalp, and its error."""
