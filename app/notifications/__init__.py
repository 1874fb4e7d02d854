"""Notices to people: their texts, and the ways they leave."""
