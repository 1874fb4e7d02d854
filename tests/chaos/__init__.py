"""Real processes, killed and paused at random moments, and a ledger that nobody else keeps.

`python -m tests.chaos --help` runs it at length; `test_seed.py` runs a short one.
"""
