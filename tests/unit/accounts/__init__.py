"""Unit tests of app.accounts."""
