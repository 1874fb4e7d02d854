"""Migrations: one line of them, on both databases, with rows in the tables."""
