"""Unit tests of app.messages."""
