"""The portal with another build of its style and scripts, as after an update."""

from __future__ import annotations

import os
from pathlib import Path

from app import create_app
from app.web import assets

assets.PROJECT = Path(os.environ["OTHER_PROJECT"])
app = create_app()
