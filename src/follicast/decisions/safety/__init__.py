"""Safety rules: the facts they ask about, whether they fire, and what they stop."""
