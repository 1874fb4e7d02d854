"""Sealed values open only where they were sealed, under the key that sealed them."""

from __future__ import annotations

import base64
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import ConfigurationError, Settings
from app.crypto import CannotOpen, DataKey, Keyring, Place

OLD, NEW = b"o" * 32, b"n" * 32
HERE = Place("messages", "text", UUID(int=1))
KEY_PLACE = Place("conversations", "wrapped_key", UUID(int=1))
ELSEWHERE = [
    replace(HERE, table="kept_texts"),
    replace(HERE, column="author"),
    replace(HERE, row=UUID(int=2)),
]


def a_key() -> DataKey:
    keyring = Keyring((NEW,))
    return keyring.data_key(keyring.new_data_key(KEY_PLACE), KEY_PLACE)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_to_the_character(text: str) -> None:
    key = a_key()
    assert key.open(key.seal(text, HERE), HERE) == text


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_a_value_that_was_moved_does_not_open(elsewhere: Place) -> None:
    key = a_key()
    with pytest.raises(CannotOpen):
        key.open(key.seal("words", HERE), elsewhere)


def test_a_table_and_column_cannot_be_read_as_another_pair() -> None:
    key = a_key()
    sealed = key.seal("words", Place("ab", "c", HERE.row))
    with pytest.raises(CannotOpen):
        key.open(sealed, Place("a", "bc", HERE.row))


def test_no_byte_of_a_sealed_value_can_be_altered() -> None:
    key = a_key()
    sealed = key.seal("words", HERE)
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(CannotOpen):
            key.open(bytes(altered), HERE)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_a_value_that_was_cut_short_does_not_open(length: int) -> None:
    key = a_key()
    with pytest.raises(CannotOpen):
        key.open(key.seal("words", HERE)[:length], HERE)


def test_another_data_key_does_not_open_a_value() -> None:
    with pytest.raises(CannotOpen):
        a_key().open(a_key().seal("words", HERE), HERE)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    key = a_key()
    assert key.seal("words", HERE) != key.seal("words", HERE)


def test_a_data_key_opens_only_in_its_own_row() -> None:
    keyring = Keyring((NEW,))
    wrapped = keyring.new_data_key(KEY_PLACE)
    with pytest.raises(CannotOpen):
        keyring.data_key(wrapped, replace(KEY_PLACE, row=uuid4()))


def test_after_a_rotation_the_second_key_still_opens() -> None:
    before, after = Keyring((OLD,)), Keyring((NEW, OLD))
    wrapped = before.new_data_key(KEY_PLACE)
    sealed = before.data_key(wrapped, KEY_PLACE).seal("words", HERE)
    assert after.data_key(wrapped, KEY_PLACE).open(sealed, HERE) == "words"


def test_after_a_rotation_what_is_new_is_under_the_first_key() -> None:
    wrapped = Keyring((NEW, OLD)).new_data_key(KEY_PLACE)
    Keyring((NEW,)).data_key(wrapped, KEY_PLACE)
    with pytest.raises(CannotOpen):
        Keyring((OLD,)).data_key(wrapped, KEY_PLACE)


def test_a_key_that_was_taken_away_opens_nothing_and_is_named() -> None:
    wrapped = Keyring((OLD,)).new_data_key(KEY_PLACE)
    with pytest.raises(CannotOpen, match="ENCRYPTION_KEYS"):
        Keyring((NEW,)).data_key(wrapped, KEY_PLACE)


def test_a_look_up_tries_every_key() -> None:
    stored_before = Keyring((OLD,)).index("address", "sam@mail.example")
    after = Keyring((NEW, OLD))
    assert stored_before in after.indexes("address", "sam@mail.example")
    assert after.index("address", "sam@mail.example") != stored_before
    assert after.index("address", "sam@mail.example") in after.indexes(
        "address", "sam@mail.example"
    )


def test_look_ups_tell_purposes_and_the_borders_of_values_apart() -> None:
    keyring = Keyring((NEW,))
    made = {
        keyring.index("person", "ab", "c"),
        keyring.index("person", "a", "bc"),
        keyring.index("person", "abc"),
        keyring.index("victim", "ab", "c"),
    }
    assert len(made) == 4


def test_fingerprints_tell_texts_apart_and_say_nothing_under_another_key() -> None:
    key, other = a_key(), a_key()
    assert key.fingerprint("yes") == key.fingerprint("yes") != key.fingerprint("no")
    assert key.fingerprint("yes") != other.fingerprint("yes")


@pytest.mark.parametrize(
    "keys, complaint",
    [
        ("", "is not set"),
        ("not base64!", "key 1 is not base64"),
        (base64.b64encode(b"short").decode(), "key 1 must be 32 bytes"),
        (",".join([base64.b64encode(OLD).decode()] * 2), "the same key twice"),
    ],
)
def test_unusable_keys_stop_the_start_with_one_line(keys: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as stopped:
        Settings.from_environment({"SECRET_KEY": "s" * 32, "ENCRYPTION_KEYS": keys})
    assert "\n" not in str(stopped.value)
    assert "ENCRYPTION_KEYS" in str(stopped.value)
