"""One person, and the population a person is drawn from."""
