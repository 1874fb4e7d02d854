"""E-mail addresses and mobile numbers, in the one form in which they are stored and compared."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

import phonenumbers

LONGEST_ADDRESS: Final = 254
"""Characters (RFC 5321, as corrected)."""
LONGEST_LOCAL_PART: Final = 64

_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_DIALLED = re.compile(r"\+?[0-9 ().\-/]{7,30}")
_GB: Final = 44
# Ofcom's whole mobile range. phonenumbers knows only what is allotted, so not the numbers kept for
# drama (07700 900000 to 900999), which demonstrations use.
# https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
_GB_MOBILE = re.compile(r"7[1-57-9]\d{8}", re.ASCII)
_DASHES: Final = dict.fromkeys([*range(0x2010, 0x2015), 0x2212], "-")
_CAN_BE_MOBILE: Final = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


def normalise_email(raw: str) -> str | None:
    """The address in lower case, blanks around it gone; None if it is not plainly an address.

    ASCII only, because text messages' and mail providers refuse the rest; no quoted local parts,
    no address literals.
    """
    address = raw.strip()
    # Checked before lowering: the Kelvin sign becomes an ASCII k.
    if len(address) > LONGEST_ADDRESS or not address.isascii():
        return None
    local, at, domain = address.lower().rpartition("@")
    if not at or len(local) > LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local):
        return None
    return f"{local}@{domain}" if _DOMAIN.fullmatch(domain) else None


def normalise_mobile(raw: str, region: str = "GB") -> str | None:
    """The number as E.164 (+447700900123); None if it cannot be a mobile's.

    `region` is where a number without a country's code was typed.
    """
    typed = unicodedata.normalize("NFKC", raw[:LONGEST_ADDRESS]).translate(_DASHES)
    # Numbers copied from a phone's contacts carry invisible marks of direction.
    visible = "".join(c for c in typed if unicodedata.category(c) != "Cf")
    typed = " ".join(visible.split())
    if len(raw) > LONGEST_ADDRESS or not _DIALLED.fullmatch(typed):
        return None
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not _can_be_mobile(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _can_be_mobile(number: phonenumbers.PhoneNumber) -> bool:
    if phonenumbers.number_type(number) in _CAN_BE_MOBILE:
        return True
    return number.country_code == _GB and bool(_GB_MOBILE.fullmatch(str(number.national_number)))


def read_address(raw: str) -> tuple[Literal["email", "sms"], str] | None:
    """What was typed as "Email address or mobile number": its channel and normalised form."""
    if "@" in raw:
        email = normalise_email(raw)
        return None if email is None else ("email", email)
    mobile = normalise_mobile(raw)
    return None if mobile is None else ("sms", mobile)


def masked_email(address: str) -> str:
    """Enough of a normalised address for its owner to know it: `s…@m….example`."""
    local, _, domain = address.rpartition("@")
    name, _, top = domain.rpartition(".")
    return f"{local[:1]}…@{name[:1]}….{top}"


def last_digits(mobile: str) -> str:
    """Enough of a number for its owner to know it."""
    return mobile[-3:]
