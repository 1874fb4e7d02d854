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
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32
KEY_NUMBER_BYTES = 4
INDEX_BYTES = KEY_NUMBER_BYTES + 32


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, wrong place, or altered bytes."""


class KeyIsMissing(CannotOpen):
    """Something stored needs a key that is not in the ring."""

    def __init__(self, number: bytes) -> None:
        super().__init__(
            f"key {number.hex()} is missing from ENCRYPTION_KEYS, and what is stored needs it:"
            " put it back, behind the first"
        )
        self.number = number


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


class Indexing(Protocol):
    """Whatever makes keyed look-up hashes."""

    def index(self, purpose: str, *values: str) -> bytes: ...
    def indexes(self, purpose: str, *values: str) -> tuple[bytes, ...]: ...


@dataclass(frozen=True, slots=True)
class Way:
    """How a look-up hash is made: an HMAC under the first key, then one more over it for every
    key that took its place since the value was last known. Its number is what the hash begins
    with. See docs/decisions/0015-rotating-keys.md.
    """

    steps: tuple[tuple[bytes, bytes], ...]
    """Number and key of every step."""

    @property
    def number(self) -> bytes:
        return self.steps[-1][0]

    def index(self, parts: bytes) -> bytes:
        (number, key), *more = self.steps
        made = number + hmac.digest(key, parts, "sha256")
        for step in more:
            made = _one_step_on(step, made)
        return made

    def then(self, other: Way) -> Way:
        """This way and one more step, under the key of a way that has only one."""
        ((number, key),) = other.steps
        together = hashlib.sha256(self.number + number).digest()[:KEY_NUMBER_BYTES]
        return Way((*self.steps, (together, key)))

    def move(self, index: bytes) -> bytes:
        """What a hash that was made by all steps but the last becomes by the last one."""
        return _one_step_on(self.steps[-1], index)

    def as_text(self) -> str:
        """For storing it, sealed."""
        return b"".join(number + key for number, key in self.steps).hex()

    @classmethod
    def from_text(cls, text: str) -> Way:
        stored, length = bytes.fromhex(text), KEY_NUMBER_BYTES + _KEY_BYTES
        steps = [stored[at : at + length] for at in range(0, len(stored), length)]
        return cls(tuple((step[:KEY_NUMBER_BYTES], step[KEY_NUMBER_BYTES:]) for step in steps))


class Keyring:
    """The encryption keys of this installation; the first one is used for all that is new."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._wrapping = {_number(key): AESGCM(_derive(key, b"wrap")) for key in keys}
        self._ways = {_number(key): Way(((_number(key), _derive(key, b"index")),)) for key in keys}
        self.numbers = tuple(self._ways)
        """What tells the keys apart; it says nothing of them."""
        self.first = self.numbers[0]

    def new_data_key(self, place: Place) -> bytes:
        """A fresh data key, wrapped for the row that will hold it: key number, nonce, bytes."""
        return self._wrap(os.urandom(_KEY_BYTES), place)

    def data_key(self, wrapped: bytes, place: Place) -> DataKey:
        """Unwrap a data key.

        Raises:
            CannotOpen: its wrapping key is not in the keyring, or it stands in another row.
        """
        return DataKey(self._unwrap(wrapped, place))

    def wrap_anew(self, wrapped: bytes, place: Place) -> bytes:
        """The same data key, wrapped by the first key.

        Raises:
            CannotOpen: as `data_key` does.
        """
        return self._wrap(self._unwrap(wrapped, place), place)

    def _wrap(self, key: bytes, place: Place) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return self.first + nonce + self._wrapping[self.first].encrypt(nonce, key, place.as_bytes())

    def _unwrap(self, wrapped: bytes, place: Place) -> bytes:
        number, rest = wrapped[:KEY_NUMBER_BYTES], wrapped[KEY_NUMBER_BYTES:]
        aead = self._wrapping.get(number)
        if aead is None:
            raise KeyIsMissing(number)
        try:
            return aead.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place.as_bytes())
        except (InvalidTag, ValueError):
            raise CannotOpen(f"{place.table}.{place.column} of row {place.row}") from None

    def index(self, purpose: str, *values: str) -> bytes:
        """The keyed hash to store for a look-up: key number and HMAC-SHA-256, 36 bytes."""
        return self._ways[self.first].index(_parts(purpose, values))

    def indexes(self, purpose: str, *values: str) -> tuple[bytes, ...]:
        """The same in every way in which it may be stored: what a look-up has to try."""
        return indexes_by(self.ways(()), purpose, *values)

    def ways(self, kept: Iterable[Way]) -> tuple[Way, ...]:
        """Every way in which a hash may be stored now, whoever is rotating meanwhile: each of the
        ring's own keys, those `kept` from earlier rotations, and one step on from any of them."""
        known = [*self._ways.values(), *kept]
        onward = (
            way.then(to)
            for way in known
            for to in self._ways.values()
            if self.last_key_of(way) != to.number
        )
        return tuple({way.number: way for way in (*known, *onward)}.values())

    def last_key_of(self, way: Way) -> bytes | None:
        """The number of the ring's key that made the last step of a way, if it is there."""
        for number, own in self._ways.items():
            if own.steps[0][1] == way.steps[-1][1]:
                return number
        return None

    def way_to_first(self, way: Way) -> Way | None:
        """The step that takes a hash to the first key; None: its last step is that already."""
        if self.last_key_of(way) == self.first:
            return None
        return way.then(self._ways[self.first])


def indexes_by(ways: Iterable[Way], purpose: str, *values: str) -> tuple[bytes, ...]:
    """The hash of a value in each of these ways."""
    parts = _parts(purpose, values)
    return tuple(way.index(parts) for way in ways)


def _parts(purpose: str, values: tuple[str, ...]) -> bytes:
    return b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (purpose.encode(), *(value.encode() for value in values))
    )


def _one_step_on(step: tuple[bytes, bytes], made: bytes) -> bytes:
    number, key = step
    # No purpose is that long: a step can never be taken for the hash of a value.
    return number + hmac.digest(key, b"\xff\xff\xff\xff" + made, "sha256")


def token_hash(token: str) -> bytes:
    """What is stored of a random token of 128 bits or more: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=b"portal " + purpose).derive(key)


def _number(key: bytes) -> bytes:
    return _derive(key, b"number")[:KEY_NUMBER_BYTES]
