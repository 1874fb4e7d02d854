"""The settings, each wrong in its own way."""
