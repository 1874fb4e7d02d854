"""The portal in the made-up language, which is longer than ours and runs from right to left."""

from __future__ import annotations

import os
from pathlib import Path

from app import create_app

app = create_app(translations=Path(os.environ["PSEUDO_TRANSLATIONS"]))


@app.context_processor
def _the_other_way_round() -> dict[str, str]:
    return {"text_direction": "rtl"}
