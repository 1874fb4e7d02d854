"""The programs that tests start: a browser, PostgreSQL, Redis, a Java runtime.

On Debian as root they are installed; elsewhere one line says which are missing.
"""

from __future__ import annotations

import os
import shutil
from glob import glob
from pathlib import Path

from running import SetupStops, run

# What a person calls it, the Debian package, and the names of programs of which one must be there.
PROGRAMS = (
    ("Chromium", "chromium", ("chromium", "chromium-browser", "google-chrome")),
    ("a PostgreSQL server (initdb, pg_ctl)", "postgresql", ("initdb",)),
    ("redis-server", "redis-server", ("redis-server",)),
    ("a Java runtime", "default-jre-headless", ("java",)),
)
# Debian asks this file whether a freshly installed service may start; 101 is "no".
START_POLICY = Path("/usr/sbin/policy-rc.d")


def have_programs() -> None:
    """See to it that all are there, or stop with one line that names those that are not."""
    packages = list(missing())
    if packages and may_install():
        apt_install(packages)
    still_missing = missing()
    if still_missing:
        names = ", ".join(still_missing.values())
        packages_to_get = " ".join(still_missing)
        raise SetupStops(
            f"The tests also need: {names} (on Debian: apt-get install {packages_to_get})."
        )


def missing() -> dict[str, str]:
    """Debian package to what a person calls it, for each program that is not there."""
    return {package: name for name, package, programs in PROGRAMS if not is_there(programs)}


def is_there(programs: tuple[str, ...]) -> bool:
    """Whether one of the programs is on the path, or where Debian keeps PostgreSQL's."""
    return any(shutil.which(name) or glob(f"/usr/lib/postgresql/*/bin/{name}") for name in programs)


def may_install() -> bool:
    """Whether this is Debian (or made from it) and we are root."""
    is_debian = Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None
    return is_debian and os.geteuid() == 0


def apt_install(packages: list[str]) -> None:
    """Install Debian packages, asking nothing and starting none of the servers among them."""
    print("Installing", *packages, flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    has_policy = START_POLICY.exists()
    if not has_policy:
        START_POLICY.write_text("#!/bin/sh\nexit 101\n")
        START_POLICY.chmod(0o755)
    try:
        run(["apt-get", "-qq", "update"], "apt-get update")
        install = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "--yes"]
        run([*install, "--no-install-recommends", *packages], "apt-get install")
    finally:
        if not has_policy:
            START_POLICY.unlink()
