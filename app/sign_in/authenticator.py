"""The authenticator of an officer: a secret that makes a new code every half minute (RFC 6238)."""

from __future__ import annotations

import base64

import pyotp

SHORTEST_BYTES = 10


class Authenticator(pyotp.TOTP):
    """A secret that an operator or an officer has; raises ValueError if it is none.

    pyotp refuses less than 112 bits. Many a token or app that a force has already comes with 80,
    which is 16 letters, and `officers add` has to take it. What is made here has 160.
    """

    def byte_secret(self) -> bytes:
        padding = "=" * (-len(self.secret) % 8)
        decoded = base64.b32decode(self.secret + padding, casefold=True)
        if len(decoded) < SHORTEST_BYTES:
            raise ValueError(f"a secret has at least {SHORTEST_BYTES} bytes")
        return decoded
