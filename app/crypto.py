"""Secrets at rest: data keys wrapped by the keyring, sealed values, keyed look-up indexes.

Every conversation and every person has a data key of its own (32 random bytes). It is stored
wrapped by the first of `ENCRYPTION_KEYS`; destroying the wrapped key erases what it sealed.
AES-256-GCM throughout, a fresh nonce for every value, and the place of a value (table, column,
row) as associated data, so that a ciphertext moved elsewhere does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_NUMBER_BYTES = 4


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, wrong place, or altered bytes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands; part of what is authenticated."""

    table: str
    column: str
    row: UUID

    def as_bytes(self) -> bytes:
        return b"\0".join((self.table.encode(), self.column.encode(), self.row.bytes))


class DataKey:
    """The key of one conversation or one person, unwrapped; lives no longer than a request."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._aead = AESGCM(key)

    def seal(self, text: str, place: Place) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, text.encode(), place.as_bytes())

    def open(self, sealed: bytes, place: Place) -> str:
        """The text that was sealed here.

        Raises:
            CannotOpen: the bytes were altered, moved, or sealed under another key.
        """
        try:
            text = self._aead.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.as_bytes()
            )
        except (InvalidTag, ValueError):
            raise CannotOpen(f"{place.table}.{place.column} of row {place.row}") from None
        return text.decode()

    def fingerprint(self, text: str) -> bytes:
        """32 bytes that tell equal texts under this key, and nothing once the key is gone."""
        return hmac.digest(self._key, b"fingerprint\0" + text.encode(), "sha256")


class Keyring:
    """The encryption keys of this installation; the first one is used for all that is new."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._wrapping = {_number(key): AESGCM(_derive(key, b"wrap")) for key in keys}
        self._indexing = {_number(key): _derive(key, b"index") for key in keys}
        self._first = _number(keys[0])

    def new_data_key(self, place: Place) -> bytes:
        """A fresh data key, wrapped for the row that will hold it: key number, nonce, bytes."""
        nonce = os.urandom(_NONCE_BYTES)
        wrapped = self._wrapping[self._first].encrypt(
            nonce, os.urandom(_KEY_BYTES), place.as_bytes()
        )
        return self._first + nonce + wrapped

    def data_key(self, wrapped: bytes, place: Place) -> DataKey:
        """Unwrap a data key.

        Raises:
            CannotOpen: its wrapping key is not in the keyring, or it stands in another row.
        """
        number, rest = wrapped[:_KEY_NUMBER_BYTES], wrapped[_KEY_NUMBER_BYTES:]
        aead = self._wrapping.get(number)
        if aead is None:
            raise CannotOpen(f"no key {number.hex()} in ENCRYPTION_KEYS")
        try:
            key = aead.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place.as_bytes())
        except (InvalidTag, ValueError):
            raise CannotOpen(f"{place.table}.{place.column} of row {place.row}") from None
        return DataKey(key)

    def index(self, purpose: str, *values: str) -> bytes:
        """The keyed hash to store for a look-up: key number and HMAC-SHA-256, 36 bytes."""
        return self._index_under(self._first, purpose, values)

    def indexes(self, purpose: str, *values: str) -> tuple[bytes, ...]:
        """The same under every key in the ring: what a look-up has to try."""
        return tuple(self._index_under(number, purpose, values) for number in self._indexing)

    def _index_under(self, number: bytes, purpose: str, values: tuple[str, ...]) -> bytes:
        parts = b"".join(
            len(part).to_bytes(4, "big") + part
            for part in (purpose.encode(), *(value.encode() for value in values))
        )
        return number + hmac.digest(self._indexing[number], parts, "sha256")


def token_hash(token: str) -> bytes:
    """What is stored of a random token of 128 bits or more: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=b"portal " + purpose).derive(key)


def _number(key: bytes) -> bytes:
    return _derive(key, b"number")[:_KEY_NUMBER_BYTES]
