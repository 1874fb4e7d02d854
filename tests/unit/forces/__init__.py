"""Unit tests of app.forces."""
