"""The notices there are, and their texts in a person's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.config import PROJECT_ROOT

INVITATION = "invitation"
SIGN_IN_CODE = "sign-in-code"
ADDRESS_CODE = "address-code"
UPDATE = "update"
OFFICER_UPDATE = "officer-update"
URGENT = "urgent"
"""To a force's urgent desk."""

WELSH_AND_ENGLISH = "cy+en"
"""In place of a language: both in one letter, for somebody whose language nobody told us."""

PUSH = "push"
"""The channel that carries no text."""

_SUBJECT = "Subject: "
_ENGLISH_BELOW = "(English below)"


@dataclass(frozen=True, slots=True)
class Text:
    """What goes to a sender. `subject` is empty for a text message."""

    subject: str
    body: str


def write(
    template: str,
    channel: str,
    language: str,
    context: Mapping[str, object],
    *,
    translations: Path | None = None,
) -> Text:
    """The text of one notice; `language` is a code, or `WELSH_AND_ENGLISH`. `translations` is the
    folder of compiled catalogues. What wakes a device has no text: the device holds the words."""
    if channel == PUSH:
        return Text("", "")
    folder = translations or PROJECT_ROOT / "app" / "translations"
    if language == WELSH_AND_ENGLISH:
        both = [_write(template, channel, code, context, folder) for code in ("cy", "en")]
        return _joined(channel, *both)
    return _write(template, channel, language, context, folder)


def _joined(channel: str, welsh: Text, english: Text) -> Text:
    """Welsh first, as Welsh law wants it; each half is whole, so that nobody needs the other."""
    if channel != "email":
        return Text("", f"{welsh.body}\n\n{english.body}")
    subject = f"{welsh.subject} / {english.subject}"
    return Text(subject, f"{_ENGLISH_BELOW}\n\n{welsh.body}\n\n---\n\n{english.body}")


def _write(
    template: str, channel: str, language: str, context: Mapping[str, object], folder: Path
) -> Text:
    environment = _environment(language, folder)
    written = environment.get_template(f"{template}.{channel}.txt").render(context).strip()
    if channel != "email":
        return Text("", written)
    subject, _, body = written.partition("\n")
    return Text(subject.removeprefix(_SUBJECT).strip(), body.strip())


@lru_cache(maxsize=16)
def _environment(language: str, folder: Path) -> Environment:
    # Plain text: escaping would alter what people read.
    environment = Environment(
        loader=FileSystemLoader(PROJECT_ROOT / "templates" / "notifications"),
        extensions=["jinja2.ext.i18n"],
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        _catalogue(language, folder), newstyle=True
    )
    return environment


def _catalogue(language: str, folder: Path) -> NullTranslations:
    return Translations.load(str(folder), [language])
