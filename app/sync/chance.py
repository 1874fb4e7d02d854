"""The dice for waits: the rules are pure, and are told what was thrown."""

from __future__ import annotations

import random


def thrown() -> float:
    """A number in [0, 1), each as likely as the other: who fails together comes back apart."""
    return random.random()  # noqa: S311 - jitter, no secret
