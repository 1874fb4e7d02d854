"""The conversation between a victim and the officer in the case."""
