"""The files of the project: whole in themselves, and small enough to be read."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60

# Other places than this project, which nobody who has only this project knows. Written in parts,
# so that this file is not found itself.
ELSEWHERE = re.compile(
    "|".join(
        ("/wo" + "rk/", r"\.\./sha" + "red", r"registry\s*=\s*http", "index-" + "url", "/tm" + "p/")
    )
)
NOT_TEXT = {".png", ".ico", ".woff2"}


def tracked() -> list[Path]:
    """Every file that belongs to the project, new ones that are not ignored included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [ROOT / name for name in listed.splitlines()]
    return [path for path in files if path.is_file() and path.suffix not in NOT_TEXT]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


MODULES = [path for path in tracked() if path.suffix == ".py"]


def test_no_file_names_a_place_outside_the_project() -> None:
    found = {
        name_of(path): sorted(set(ELSEWHERE.findall(path.read_text(encoding="utf-8"))))
        for path in tracked()
    }
    assert {name: places for name, places in found.items() if places} == {}


def test_the_lock_file_names_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    hosts = set(re.findall(r"\"resolved\": \"https?://([^/\"]+)", text))

    assert hosts == set()


def test_nothing_that_is_made_is_kept() -> None:
    made = ("var/", "static/build/", "node_modules/", ".venv/", "instance/")
    assert [name_of(path) for path in tracked() if name_of(path).startswith(made)] == []


def test_modules_are_short() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{name_of(path)}: {each.name}": (each.end_lineno or 0) - each.lineno + 1
        for path in MODULES
        # What a migration does is a list, and lists may be long.
        if not name_of(path).startswith("migrations/")
        for each in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_every_module_says_what_it_is_for() -> None:
    trees = {name_of(path): ast.parse(path.read_text("utf-8")) for path in MODULES}

    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_every_link_within_the_project_leads_to_a_file(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []
