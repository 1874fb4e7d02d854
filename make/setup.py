"""Makes this folder ready to run in, as `make setup`, `check` and `test` do.

`python3 make/setup.py run`: .venv with requirements.txt, catalogues compiled, and the front end
built; `dev`: requirements-dev.txt too; `test`: the programs that tests start too. Each step leaves
a stamp with the checksum of what it was made from, and is left out while that is the same. An older
Python can read this file, so that it is told in a plain line what is wrong.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
from pathlib import Path

from programs import have_programs
from running import ROOT, SetupStops, answer, run

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
PYTHON_NAMES = ("python3", "python3.13", "python3.12", "python3.11", "python")
IS_NEW_ENOUGH = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))"
OLDEST_NODE = 20


def main(level: str = "run") -> int:
    """Do the steps up to this level; 0, or 1 after one line that says what stopped it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        python = find_python()
        node, npm = find_node()
        make_venv(python)
        install("requirements.txt")
        if level in ("dev", "test"):
            install("requirements.txt", "requirements-dev.txt")
        compile_texts()
        build_front_end(node, npm)
        if level == "test":
            have_programs()
    except SetupStops as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def find_python() -> str:
    """A Python that is new enough and has venv; the one named by PYTHON first."""
    for name in (os.environ.get("PYTHON", sys.executable), sys.executable, *PYTHON_NAMES):
        path = shutil.which(name)
        if path and answer(path, "-c", IS_NEW_ENOUGH) is not None:
            return path
    raise SetupStops(
        "Python 3.11 or newer with venv is needed and was not found (on Debian: python3-venv)."
    )


def find_node() -> tuple[str, str]:
    """The paths of Node and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise SetupStops(f"Node {OLDEST_NODE} or newer with npm is needed and was not found.")
    version = answer(node, "--version") or "unknown"
    major = version.lstrip("v").split(".")[0]
    if not major.isdecimal() or int(major) < OLDEST_NODE:
        raise SetupStops(f"Node {OLDEST_NODE} or newer is needed; this is {version}.")
    return node, npm


def checksum(*parts: str | Path) -> str:
    """One checksum over texts, and over files' places and contents."""
    total = hashlib.sha256()
    for part in parts:
        total.update(str(part).encode() + b"\0")
        if isinstance(part, Path):
            total.update(hashlib.sha256(part.read_bytes()).digest())
    return total.hexdigest()


def is_done(stamp: str, made_from: str) -> bool:
    """Whether the step that left this stamp was made from exactly this."""
    path = STAMPS / stamp
    return path.is_file() and path.read_text() == made_from


def mark_done(stamp: str, made_from: str) -> None:
    """Leave the stamp; only after the step succeeded."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / stamp).write_text(made_from)


def make_venv(python: str) -> None:
    """A fresh .venv if there is none, or this folder was moved, or its Python has gone."""
    made_from = checksum(str(VENV))
    works = VENV_PYTHON.exists() and answer(VENV_PYTHON, "-c", IS_NEW_ENOUGH) is not None
    if works and is_done("venv", made_from):
        return
    print("Making .venv", flush=True)
    run([python, "-m", "venv", "--clear", str(VENV)], "Making .venv")
    mark_done("venv", made_from)


def install(*files: str) -> None:
    """Install exactly what the requirements files pin."""
    stamp = files[-1]
    made_from = checksum(*(ROOT / name for name in files))
    if is_done(stamp, made_from):
        return
    print(f"Installing {stamp}", flush=True)
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq"]
    run([*pip, "install", *(f"--requirement={name}" for name in files)], f"Installing {stamp}")
    mark_done(stamp, made_from)


def compile_texts() -> None:
    """Compile the catalogues of other languages into what the portal reads."""
    catalogues = sorted((ROOT / "app" / "translations").glob("*/LC_MESSAGES/messages.po"))
    made_from = checksum(*catalogues)
    compiled = all(path.with_suffix(".mo").is_file() for path in catalogues)
    if compiled and is_done("texts", made_from):
        return
    print("Compiling the texts of other languages", flush=True)
    folder = ROOT / "app" / "translations"
    babel = [str(VENV_PYTHON), "-m", "babel.messages.frontend", "--quiet", "compile"]
    run([*babel, f"--directory={folder}"], "Compiling the texts")
    mark_done("texts", made_from)


def build_front_end(node: str, npm: str) -> None:
    """Fetch the front-end packages and build static/build/, each only if its sources changed."""
    packages = checksum(str(answer(node, "--version")), ROOT / "package-lock.json")
    if not (is_done("packages", packages) and (ROOT / "node_modules").is_dir()):
        print("Installing the front-end packages", flush=True)
        run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci")
        mark_done("packages", packages)
    built = ROOT / "static" / "build"
    static = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    sources = [path for path in static if built not in path.parents]
    made_from = checksum(packages, ROOT / "package.json", *sources)
    if not (is_done("front-end", made_from) and built.is_dir()):
        print("Building the front end", flush=True)
        run([npm, "run", "--silent", "build"], "npm run build")
        mark_done("front-end", made_from)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
