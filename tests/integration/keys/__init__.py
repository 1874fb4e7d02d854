"""Changing the keys while the portal runs."""
