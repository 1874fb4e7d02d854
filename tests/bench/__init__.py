"""What the portal costs, measured beside the least that the same answer could cost."""
