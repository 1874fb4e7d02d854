"""Unit tests of app.web and of the forms that stand on it."""
