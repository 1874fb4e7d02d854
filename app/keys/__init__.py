"""Changing the encryption keys of everything that is stored."""
