"""`python -m app.demo.case_system`: the demo case system without the portal's command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from app.demo.case_system import serve


def main() -> None:
    """Serve until stopped."""
    arguments = argparse.ArgumentParser(prog="case-system", description=__doc__)
    arguments.add_argument("--profile", choices=("niche", "connect"), required=True)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--data", type=Path, required=True)
    told = arguments.parse_args()
    token = os.environ.get("CASE_SYSTEM_TOKEN") or "demo-token"
    serve(told.profile, told.port, told.data, token)


if __name__ == "__main__":
    main()
