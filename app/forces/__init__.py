"""The forces that use the portal, and their settings."""
