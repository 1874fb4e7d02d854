"""Unit tests of app.cases."""
