"""`python -m tests.chaos.short_lease SECONDS worker run …`: a worker as it is, with another lease.

A run of two minutes cannot wait a whole minute for each worker that was killed.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from flask.cli import main

from app.outbox import actions

if __name__ == "__main__":
    actions.LEASE = timedelta(seconds=float(sys.argv[1]))
    sys.argv = ["flask", "--app", "wsgi", *sys.argv[2:]]
    main()
