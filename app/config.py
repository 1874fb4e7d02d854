"""What the environment says: one typed class, checked once, at the start."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

NOTIFY_SCHEME = "govuk-notify:"

_ENCRYPTION_KEY_BYTES = 32
_LAST_PORT = 65535
_LONGEST_POLL = 3600
_MOST_POLLS = 10_000_000
_SECRET_KEY_BYTES = 32
_P256_KEY_BYTES = 32
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NOTIFY_KEY = re.compile(rf"[A-Za-z0-9_-]+-{_UUID}-{_UUID}")


class ConfigurationError(Exception):
    """A setting is missing or wrong. The message is one line that names it."""


@dataclass(frozen=True, slots=True)
class NotifyAddress:
    """`govuk-notify:API_KEY?email=TEMPLATE_ID&sms=TEMPLATE_ID`, taken apart. Without `sms` there
    are no text messages; `url` is another address of the service, for trying it out."""

    api_key: str
    templates: dict[str, str]
    url: str

    @classmethod
    def read(cls, notify_url: str) -> NotifyAddress:
        """Raises ConfigurationError: what is wrong, and never the key."""
        key, _, query = notify_url.removeprefix(NOTIFY_SCHEME).partition("?")
        said = {name: values[-1] for name, values in parse_qs(query).items()}
        templates: dict[str, str] = {name: said[name] for name in ("email", "sms") if name in said}
        url = said.get("url", "https://api.notifications.service.gov.uk")
        if not _NOTIFY_KEY.fullmatch(key):
            problem = "needs an API key of GOV.UK Notify after the colon"
        elif "email" not in templates:
            problem = "needs ?email= and the id of GOV.UK Notify's template"
        elif not all(re.fullmatch(_UUID, each) for each in templates.values()):
            problem = "names a template by something that is no id"
        elif not set(said) <= {"email", "sms", "url"}:
            problem = "knows email, sms and url only"
        elif not _has_host(url) or urlsplit(url).scheme not in {"http", "https"}:
            problem = "has a url that is no address"
        else:
            return cls(key, templates, url)
        raise ConfigurationError(f"NOTIFY_URL: govuk-notify: {problem}")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """How push services know this installation (VAPID, RFC 8292)."""

    private_pem: bytes
    public_point: bytes
    """65 bytes: uncompressed, as browsers want it."""
    contact: str
    """mailto: or https:, for the push service's operators."""
    stand_in: str | None
    """Origin of one more push service, for trying it out."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set. Only `SECRET_KEY` and `ENCRYPTION_KEYS` have no default."""

    secret_keys: tuple[str, ...]
    encryption_keys: tuple[bytes, ...]
    database_url: str
    public_url: str
    notify_url: str
    rate_limit_url: str
    safe_exit_url: str
    trusted_proxies: int
    polls_per_minute: int
    """How often the pages of one session may ask for news."""
    poll_after: str | None
    """What open pages are told of asking again: at least so many seconds, or "stop"."""
    session_idle: timedelta
    session_max: timedelta
    metrics_token: str | None
    push: PushSettings | None
    """None: nobody's device is told of news."""

    @property
    def is_https(self) -> bool:
        """True when the public address is HTTPS: secure cookies, HSTS, no demo shortcuts."""
        return self.public_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every setting.

        Raises:
            ConfigurationError: one line that names the first setting that is wrong.
        """
        public_url = _public_url(environ)
        return cls(
            secret_keys=_secret_keys(environ),
            encryption_keys=_encryption_keys(environ),
            database_url=_database_url(environ),
            public_url=public_url,
            notify_url=_notify_url(environ, is_https=public_url.startswith("https://")),
            rate_limit_url=_rate_limit_url(environ),
            safe_exit_url=_http_url(environ, "SAFE_EXIT_URL", "https://www.bbc.co.uk/weather"),
            trusted_proxies=_trusted_proxies(environ),
            polls_per_minute=_polls_per_minute(environ),
            poll_after=_poll_after(environ),
            session_idle=timedelta(minutes=_positive(environ, "SESSION_IDLE_MINUTES", 20)),
            session_max=timedelta(hours=_positive(environ, "SESSION_MAX_HOURS", 12)),
            metrics_token=environ.get("METRICS_TOKEN", "").strip() or None,
            push=_push(environ, is_https=public_url.startswith("https://")),
        )


def _listed(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())
    if not values:
        raise ConfigurationError(f"{name} is not set")
    return values


def _secret_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    keys = _listed(environ, "SECRET_KEY")
    if any(len(key.encode()) < _SECRET_KEY_BYTES for key in keys):
        raise ConfigurationError(f"SECRET_KEY must be at least {_SECRET_KEY_BYTES} bytes long")
    return keys


def _encryption_keys(environ: Mapping[str, str]) -> tuple[bytes, ...]:
    keys = []
    for position, text in enumerate(_listed(environ, "ENCRYPTION_KEYS"), start=1):
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ConfigurationError(f"ENCRYPTION_KEYS: key {position} is not base64") from None
        if len(key) != _ENCRYPTION_KEY_BYTES:
            raise ConfigurationError(
                f"ENCRYPTION_KEYS: key {position} must be {_ENCRYPTION_KEY_BYTES} bytes long"
            )
        keys.append(key)
    if len(set(keys)) != len(keys):
        raise ConfigurationError("ENCRYPTION_KEYS names the same key twice")
    return tuple(keys)


def _database_url(environ: Mapping[str, str]) -> str:
    """The database's URL, a relative SQLite path made absolute below the project's root."""
    url = environ.get("DATABASE_URL", "").strip() or "sqlite:///var/portal.db"
    if url.startswith("postgresql+psycopg://"):
        _check_port(url)
        return url
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        path = PROJECT_ROOT / url.removeprefix("sqlite:///")
        if path.is_dir():
            raise ConfigurationError("DATABASE_URL names a folder and not a file")
        return f"sqlite:///{path}"
    raise ConfigurationError(
        "DATABASE_URL must begin with sqlite:/// and a path, or with postgresql+psycopg://"
    )


def _check_port(database_url: str) -> None:
    # By SQLAlchemy's own rules: a password may hold what is no part of a web address.
    try:
        port = make_url(database_url).port
    except (ArgumentError, ValueError):
        port = 0
    if port is not None and not 0 < port <= _LAST_PORT:
        raise ConfigurationError("DATABASE_URL has a host or a port that is none")


def _notify_url(environ: Mapping[str, str], *, is_https: bool) -> str:
    url = environ.get("NOTIFY_URL", "").strip() or "file:var/notifications.jsonl"
    if url.startswith("file:") and len(url) > len("file:"):
        if is_https:
            raise ConfigurationError(
                "NOTIFY_URL: file: is for trying the service out and is refused"
                " when PUBLIC_URL is https://"
            )
        path = PROJECT_ROOT / url.removeprefix("file:")
        if path.is_dir():
            raise ConfigurationError("NOTIFY_URL: file: names a folder and not a file")
        return f"file:{path}"
    if url.startswith("smtp://"):
        if not _has_host(url):
            raise ConfigurationError("NOTIFY_URL: smtp:// needs a host, and a port that is one")
        return url
    if url.startswith(NOTIFY_SCHEME):
        NotifyAddress.read(url)
        return url
    raise ConfigurationError(
        "NOTIFY_URL must begin with file: and a path, with smtp:// or with govuk-notify:"
    )


def _push(environ: Mapping[str, str], *, is_https: bool) -> PushSettings | None:
    key, contact, stand_in = (
        environ.get(name, "").strip()
        for name in ("PUSH_PRIVATE_KEY", "PUSH_CONTACT", "PUSH_STAND_IN")
    )
    if not key and not contact:
        return None
    if not key:
        raise ConfigurationError("PUSH_PRIVATE_KEY is not set, and PUSH_CONTACT is")
    if not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https://[^\s]+", contact):
        raise ConfigurationError("PUSH_CONTACT must be a mailto: or https:// address")
    if stand_in and is_https:
        raise ConfigurationError("PUSH_STAND_IN is for trying out and is refused with https://")
    if stand_in and not re.fullmatch(r"https?://[^/\s@?#\\]+", stand_in):
        raise ConfigurationError("PUSH_STAND_IN must be http:// or https:// and a host")
    private = _p256_key(key)
    return PushSettings(
        private_pem=private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        public_point=private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        ),
        contact=contact,
        stand_in=stand_in or None,
    )


def _p256_key(text: str) -> ec.EllipticCurvePrivateKey:
    """A key as the tools for Web Push write it."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if len(raw) != _P256_KEY_BYTES:
            raise ValueError
        return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    except ValueError:
        raise ConfigurationError(
            f"PUSH_PRIVATE_KEY must be the base64url of a P-256 key's {_P256_KEY_BYTES} bytes"
        ) from None


def _rate_limit_url(environ: Mapping[str, str]) -> str:
    url = environ.get("RATE_LIMIT_URL", "").strip() or "memory://"
    if not url.startswith(("memory://", "redis://", "rediss://")):
        raise ConfigurationError("RATE_LIMIT_URL must begin with memory:// or redis://")
    if not _is_readable(url):
        raise ConfigurationError("RATE_LIMIT_URL has a host or a port that is none")
    return url


def _is_readable(url: str) -> bool:
    """Whether host and port, where there are any, can be read from it."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _has_host(url: str) -> bool:
    return _is_readable(url) and bool(urlsplit(url).hostname)


def _http_url(environ: Mapping[str, str], name: str, default: str) -> str:
    url = environ.get(name, "").strip() or default
    scheme = urlsplit(url).scheme if _has_host(url) else ""
    if scheme not in {"http", "https"} or any(character.isspace() for character in url):
        raise ConfigurationError(f"{name} must be an http:// or https:// address")
    # Whether it is https:// decides how cookies are kept, and must not hang on capitals.
    return scheme + url[len(scheme) :]


def _public_url(environ: Mapping[str, str]) -> str:
    """Scheme and host, with which every link in a notice begins."""
    url = _http_url(environ, "PUBLIC_URL", "http://localhost:8000").rstrip("/")
    if not re.fullmatch(r"https?://[^/?#@\\]+", url):
        raise ConfigurationError(
            "PUBLIC_URL must be http:// or https:// and a host, with nothing after it"
        )
    return url


def _trusted_proxies(environ: Mapping[str, str]) -> int:
    text = environ.get("TRUSTED_PROXIES", "").strip() or "0"
    if not (text.isascii() and text.isdigit()) or int(text) > 10:
        raise ConfigurationError("TRUSTED_PROXIES must be a whole number from 0 to 10")
    return int(text)


def _polls_per_minute(environ: Mapping[str, str]) -> int:
    text = environ.get("POLLS_PER_MINUTE", "").strip() or "240"
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= _MOST_POLLS:
        raise ConfigurationError("POLLS_PER_MINUTE must be a whole number from 1 to 10000000")
    return int(text)


def _poll_after(environ: Mapping[str, str]) -> str | None:
    text = environ.get("POLL_AFTER", "").strip()
    if text in {"", "stop"}:
        return text or None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= _LONGEST_POLL:
        raise ConfigurationError("POLL_AFTER must be a number of seconds from 1 to 3600, or stop")
    return text


def _positive(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip() or str(default)
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 10_000:
        raise ConfigurationError(f"{name} must be a number above 0")
    return number
