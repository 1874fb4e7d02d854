"""`python -m tests.chaos.hurried LEASE CALL worker run …`: a worker as it is, with another lease
and another patience with a call, both in seconds.

A run of two minutes cannot wait a whole minute for each worker that was killed, nor ten seconds for
one call in twenty.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from app.outbox import actions, breakers
from app.sync import port

if __name__ == "__main__":
    actions.LEASE = timedelta(seconds=float(sys.argv[1]))
    # Before the adapters and the rules are imported: they take it as it stands then.
    port.CALL_SECONDS = float(sys.argv[2])
    breakers.TRIAL = timedelta(seconds=2 * port.CALL_SECONDS)
    sys.argv = ["flask", "--app", "wsgi", *sys.argv[3:]]

    from flask.cli import main

    main()
