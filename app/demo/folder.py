"""The demo's folder: its settings, its accounts, everything that it keeps."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.demo.force import TOKEN_ENV
from app.demo.people import JUST_OFFICER, Account, victims_json


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """`path` is absolute; `port` is the web server's, the case system has the next one."""

    path: Path
    port: int

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def case_system_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def env_file(self) -> Path:
        return self.path / "env"

    @property
    def accounts_file(self) -> Path:
        return self.path / "accounts.json"

    @property
    def notifications(self) -> Path:
        return self.path / "notifications.jsonl"

    @property
    def case_system(self) -> Path:
        return self.path / "case-system"

    @property
    def is_set_up(self) -> bool:
        return self.accounts_file.exists()

    def settings(self) -> dict[str, str]:
        """The settings of every process; secrets are made once and kept."""
        kept = self._read_env() if self.env_file.exists() else {}
        settings = {
            "DATABASE_URL": f"sqlite:///{self.path / 'portal.db'}",
            "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(48),
            "ENCRYPTION_KEYS": kept.get("ENCRYPTION_KEYS")
            or base64.b64encode(secrets.token_bytes(32)).decode(),
            "PUBLIC_URL": self.public_url,
            "NOTIFY_URL": f"file:{self.notifications}",
            TOKEN_ENV: kept.get(TOKEN_ENV) or secrets.token_urlsafe(24),
        }
        self.path.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
        _write_private(self.env_file, lines)
        return settings

    def _read_env(self) -> dict[str, str]:
        pairs = (line.partition("=") for line in self.env_file.read_text().splitlines())
        return {name: "".join(shlex.split(value)) for name, _, value in pairs if name}

    def write_accounts(self, officers: list[Account], token: str) -> None:
        """Last of the set-up: that this file is there says that all the rest is."""
        accounts = {
            "victims": victims_json(),
            "officers": [_account_json(officer) for officer in officers],
            "notifications": str(self.notifications),
            "case_system": {"url": self.case_system_url, "token": token},
        }
        _write_private(self.accounts_file, json.dumps(accounts, indent=2) + "\n")

    def accounts(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = json.loads(self.accounts_file.read_text())
        return found

    def officers(self) -> list[Account]:
        return [
            Account(**{**officer, "roles": tuple(officer.get("roles", JUST_OFFICER))})
            for officer in self.accounts()["officers"]
        ]


def _account_json(account: Account) -> dict[str, object]:
    """How somebody of the force signs in; `roles` where they are more than an officer's."""
    told: dict[str, object] = asdict(account)
    if account.roles == JUST_OFFICER:
        del told["roles"]
    return told


def _write_private(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)
