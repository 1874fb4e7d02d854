"""Examples of what forces and case systems say: good unless a test spoils them.

`case_json` is an eligible case for `force_settings()`. Every call makes another case of another
victim, so that two of them never share a reference, a person or an address by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from app import clock
from app.forces.settings import ForceSettings, parse_forces

_numbers = count(1)


def case_json(**overrides: Any) -> dict[str, Any]:
    """An eligible case as the case system would send it (JSON keys and types).

    An override replaces a top-level key; a mapping merges: `victim={"email": None}` changes the
    victim's e-mail and leaves the rest, `victim={"contactShared": {"email": True}}` likewise.
    """
    n = next(_numbers)
    now = clock.now()
    case: dict[str, Any] = {
        "reference": f"NS/{n:06d}/26",
        "status": "under-investigation",
        "reportedAt": rfc3339(now - timedelta(days=10)),
        "offence": {"code": "burglary-dwelling", "title": "Burglary in a dwelling"},
        "domesticAbuse": False,
        "flags": [],
        "riskAssessedAt": rfc3339(now - timedelta(days=5)),
        "officerInCase": {
            "collar": "1234",
            "name": "PC Sam Okafor",
            "email": "sam.okafor@northshire.example",
        },
        "victim": {
            "id": f"P{n:06d}",
            "givenName": "Alex",
            "familyName": f"Morgan {_in_letters(n)}",
            "dateOfBirth": f"{now.year - 40}-05-17",
            "email": f"alex.morgan{n}@mail.example",
            "mobile": f"07700 {900000 + n % 100000}",
            "language": "en",
            "safeToContact": True,
            "linkedToSuspect": False,
            "contactShared": {"email": False, "mobile": False},
        },
        "previousReference": None,
        "updatedAt": rfc3339(now - timedelta(hours=1)),
        "closedAt": None,
    }
    return _merged(case, overrides)


def force_toml(**overrides: Any) -> str:
    """A forces file with one force, Northshire. An override of None leaves the key out.

    Values are what TOML knows, or a settings dataclass; mappings merge, as in `case_json`.
    """
    force: dict[str, Any] = {
        "slug": "northshire",
        "name": "Northshire Police",
        "ons_code": "E23000099",
        "languages": ["en"],
        "phone": "101",
        "eligible_offences": ["burglary-dwelling", "theft-person", "criminal-damage"],
        "harmless_flags": ["repeat-victim"],
        "case_system": {
            "profile": "niche",
            "url": "http://127.0.0.1:9100",
            "token_env": "NORTHSHIRE_CASE_SYSTEM_TOKEN",
        },
    }
    plain = {key: asdict(v) if is_dataclass(v) else v for key, v in overrides.items()}  # type: ignore[arg-type]
    force = _merged(force, plain)
    lines = ["[[force]]"]
    lines += [_toml_line(key, value) for key, value in force.items() if _is_plain(value)]
    for table, values in force.items():
        if isinstance(values, Mapping):
            lines += _toml_table(f"force.{table}", values)
    return "\n".join(lines) + "\n"


def force_settings(**overrides: Any) -> ForceSettings:
    """Northshire's settings; overrides as in `force_toml`: only what a file may hold."""
    return parse_forces(force_toml(**overrides))[0]


def rfc3339(moment: datetime) -> str:
    """The moment as case systems write it: whole seconds, Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _merged(base: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in overrides.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, Mapping):
            merged[key] = _merged(old, value)
        else:
            merged[key] = value
    return merged


def _in_letters(n: int) -> str:
    """1 as B, 27 as BB: names hold letters only."""
    letters = ""
    while n:
        n, rest = divmod(n, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _is_plain(value: object) -> bool:
    return value is not None and not isinstance(value, Mapping)


def _toml_table(name: str, values: Mapping[str, Any]) -> list[str]:
    lines = [f"[{name}]"]
    lines += [_toml_line(key, value) for key, value in values.items() if _is_plain(value)]
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines += _toml_table(f"{name}.{key}", value)
    return lines


def _toml_line(key: str, value: object) -> str:
    return f"{_toml_value(key) if not key.isidentifier() else key} = {_toml_value(value)}"


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        inner = ", ".join(_toml_line(key, each) for key, each in value.items() if each is not None)
        return f"{{{inner}}}"
    return str(value)
