"""From what is known of a person to the twins that fit."""
