"""The portal over HTTP/2 with TLS, as people reach it, and a browser on a line to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page

from app import clock
from tests.bench.far import FarLine
from tests.bench.people import Home
from tests.bench.servers import Place, running
from tests.browser.programs import until
from tests.ports import free_port

TAKES_ANY_CERTIFICATE = "--ignore-certificate-errors"
"""For Chromium. (Playwright's own option for it lets every first connection fail.)"""


@contextmanager
def serving_https(place: Place) -> Iterator[int]:
    """The same portal by a server of its own; its port."""
    port = free_port()
    key, certificate = _certificate(place.folder)
    command = (
        f"granian --interface wsgi --host 127.0.0.1 --port {port} --blocking-threads 8 --no-ws"
        f" --log-level warning --ssl-keyfile {key} --ssl-certificate {certificate} wsgi:app"
    )
    settings = {"PUBLIC_URL": f"https://127.0.0.1:{port}", "NOTIFY_URL": "smtp://127.0.0.1:25"}
    with running(command, {**place.environ, **settings}, place.folder / "https.txt"):
        until(lambda: _answers(port), "the portal over HTTPS", 30)
        yield port


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A key and its certificate, signed by itself: as long as most are that sign for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    files = folder / "https.key", folder / "https.crt"
    files[0].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    files[1].write_bytes(made.public_bytes(pem))
    return files


@contextmanager
def somebody_on(browser: Browser, place: Place, line: FarLine, home: Home) -> Iterator[Page]:
    """A browser in which this victim is signed in, nothing cached, at the near end of the line."""
    address = f"https://127.0.0.1:{line.own_port}"
    context = browser.new_context(base_url=address)
    _, _, value = place.cookie(home.token).partition("=")
    cookie = {"name": "__Host-session", "value": value, "url": address, "secure": True}
    context.add_cookies([cookie])  # type: ignore[list-item]
    try:
        yield context.new_page()
    finally:
        context.close()


def is_http2(page: Page) -> bool:
    asked = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
    return bool(page.evaluate(asked) == "h2")
