"""Templates hold nothing that nobody uses, and nothing is written as HTML that came from people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from app.notifications import templates as notices

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "templates"
TEMPLATES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
SOURCES = [*sorted(ROOT.glob("app/**/*.py")), *TEMPLATES, *sorted(ROOT.glob("static/js/**/*.js"))]

# Where text becomes HTML knowingly; each place is about what is escaped already or is ours alone.
MAY_MAKE_HTML = {
    "app/web/times.py": "Markup(",
    "app/web/widgets.py": "Markup(",
}
MAKES_HTML = re.compile(
    r"\|\s*safe\b|\bMarkup\(|\.(?:inner|outer)HTML|insertAdjacentHTML|autoescape"
)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
MAY_NOT_ESCAPE = {
    # Plain text in e-mails and text messages.
    "app/notifications/templates.py": "autoescape",
}
NOTICES = {
    notices.INVITATION,
    notices.SIGN_IN_CODE,
    notices.ADDRESS_CODE,
    notices.UPDATE,
    notices.OFFICER_UPDATE,
    notices.URGENT,
}


def named(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def parsed(path: Path) -> nodes.Template:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    return environment.parse(path.read_text(encoding="utf-8"))


def imported_names(tree: nodes.Template) -> Iterator[str]:
    for each in tree.find_all(nodes.FromImport):
        for name in each.names:
            yield name[1] if isinstance(name, tuple) else name
    for whole in tree.find_all(nodes.Import):
        yield whole.target


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_imports_nothing_that_it_does_not_use(path: Path) -> None:
    tree = parsed(path)
    used = {each.name for each in tree.find_all(nodes.Name) if each.ctx == "load"}

    assert set(imported_names(tree)) - used == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_imports_only_what_is_there(path: Path) -> None:
    tree = parsed(path)
    for each in tree.find_all(nodes.FromImport):
        assert isinstance(each.template, nodes.Const)
        macros = {
            macro.name for macro in parsed(FOLDER / each.template.value).find_all(nodes.Macro)
        }
        asked = {name[0] if isinstance(name, tuple) else name for name in each.names}
        assert asked <= macros, each.template.value


def test_every_template_is_used() -> None:
    used = {name for path in TEMPLATES for name in meta.find_referenced_templates(parsed(path))}
    used |= {
        name
        for path in ROOT.glob("app/**/*.py")
        for name in re.findall(r"[\"'/]([\w./-]+\.html)[\"']", path.read_text(encoding="utf-8"))
    }
    used |= {f"errors/{path.name}" for path in FOLDER.glob("errors/[0-9]*.html")}
    used |= {f"notifications/{name}.{kind}.txt" for name in NOTICES for kind in ("email", "sms")}

    assert {named(path) for path in TEMPLATES} - used == set()


def test_every_macro_is_used() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    macros = {macro.name for path in TEMPLATES for macro in parsed(path).find_all(nodes.Macro)}

    unused = {name for name in macros if len(re.findall(rf"\b{name}\b", texts)) < 2}
    assert unused == set()


def test_every_built_file_that_is_named_is_there_and_none_is_left_over() -> None:
    built = set(json.loads((ROOT / "static/build/manifest.json").read_text(encoding="utf-8")))
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    asked = {
        name
        for path in TEMPLATES
        for name in re.findall(r"asset\(['\"]([^'\"]+)['\"]\)", texts[path])
    }
    # What phones ask for is named by the code.
    code = "".join(text for path, text in texts.items() if path.suffix == ".py")
    assert asked | {name for name in built if f'"{name}"' in code} == built


def test_text_becomes_html_only_in_named_places() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): set(MAKES_HTML.findall(path.read_text(encoding="utf-8")))
        for path in SOURCES
    }
    allowed = {**MAY_MAKE_HTML, **MAY_NOT_ESCAPE}

    assert {name: hits for name, hits in found.items() if hits - {allowed.get(name)}} == {}


def test_scripts_hold_no_words_for_people() -> None:
    """Words are in the page, where they can be translated; scripts only show them."""
    sentence = re.compile(r"[\"'`]([A-Z][a-z]+ [a-z]+[^\"'`]*)[\"'`]")
    found = {
        path.name: sentence.findall(COMMENT.sub("", path.read_text("utf-8")))
        for path in ROOT.glob("static/js/**/*.js")
    }
    assert {name: hits for name, hits in found.items() if hits} == {}
