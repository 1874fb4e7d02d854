"""Writes requirements.txt and requirements-dev.txt from requirements*.in: the newest, pinned."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Install into two empty environments and write down what came."""
    runtime = frozen("requirements.in")
    everything = frozen("requirements.in", "requirements-dev.in")
    write(
        "requirements.txt", sorted(runtime | only_on_some_pythons("requirements.in"), key=str.lower)
    )
    extra = everything - runtime
    write("requirements-dev.txt", ["-r requirements.txt", *sorted(extra, key=str.lower)])


def frozen(*names: str) -> set[str]:
    """The pins that these files lead to on this Python."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check", "-qq"]
        subprocess.run(
            [*pip, "install", *(f"--requirement={ROOT / name}" for name in names)], check=True
        )
        listed = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
    return set(listed.splitlines())


def only_on_some_pythons(name: str) -> set[str]:
    """Lines with a condition (`; python_…`), which an installation on another Python leaves out."""
    return {
        line for line in (ROOT / name).read_text().splitlines() if ";" in line and line[0] != "#"
    }


def write(name: str, lines: list[str]) -> None:
    """Write one requirements file with its heading."""
    heading = f"# Written by `make pins` from {name.replace('.txt', '.in')}; do not edit."
    (ROOT / name).write_text("\n".join([heading, *lines]) + "\n")


if __name__ == "__main__":
    main()
