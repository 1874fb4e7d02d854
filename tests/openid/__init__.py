"""A real OpenID Connect provider for tests, and how to make it lie."""
