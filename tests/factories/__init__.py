"""Makers of good examples, each of which a test may spoil in one way."""
