"""The forces file: what each force decides for itself, read strictly from TOML.

Whatever the file says wrongly refuses all of it, with one line that names the force and the key:
a mistyped key would otherwise leave a safeguard at its default in silence.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Final

from app.forces.strict import A_LINE, ForcesFileError, Table

ENGLISH: Final = "en"
WELSH: Final = "cy"
LANGUAGES: Final = (ENGLISH, WELSH)
PROFILES: Final = ("niche", "connect")
BY_OFFICER: Final = "by-officer"
AUTOMATIC: Final = "automatic"
ROLES: Final = ("officer", "supervisor", "contact-bureau", "force-admin", "auditor")
"""What accounts may be, by name: `app.accounts.viewers.Role`, which stands above this."""

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_ONS_CODE = re.compile(r"[A-Z][0-9]{8}", re.ASCII)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9][0-9 ]*", re.ASCII)
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_CLAIM = re.compile(r"[!-~]{1,100}")
_SCOPE = re.compile(r"[!-~]+( [!-~]+)*")


@dataclass(frozen=True, slots=True)
class CaseSystemSettings:
    """Where a force's cases are kept. `token_env` names an environment variable of the workers."""

    profile: str
    """"niche" or "connect"."""
    url: str
    """http(s), no trailing slash."""
    token_env: str
    poll_seconds: int = 30
    settle_seconds: int = 30
    """Connect only: how long a call whose answer was lost may still take effect."""
    cutover_at: datetime | None = None
    """Of the next system only, in UTC: from then on entries go to it."""


@dataclass(frozen=True, slots=True)
class OfficerSignInSettings:
    """OpenID Connect for a force's officers."""

    issuer: str
    """Exactly as its tokens write it, slash at the end included."""
    client_id: str
    client_secret_env: str
    """Names an environment variable of the web processes."""
    scope: str = "openid email profile"
    collar_claim: str | None = None
    """The claim that holds the collar number. None: an officer is known by e-mail."""
    email_claim: str = "email"
    groups_claim: str = "groups"
    roles: dict[str, tuple[str, ...]] | None = None
    """Roles by group of the provider. None: roles are not the provider's to give."""


@dataclass(frozen=True, slots=True)
class SupportSettings:
    """An organisation near the force that helps victims. Shown as written, in every language."""

    name: str
    phone: str
    about: str | None = None
    """For whom it is and when, in one line."""


@dataclass(frozen=True, slots=True)
class ForceSettings:
    """What one force decided. Flags are trimmed and case-folded, as cases' flags are."""

    slug: str
    name: str
    ons_code: str
    eligible_offences: frozenset[str]
    """Offence codes that are let in; every other one stays out."""
    harmless_flags: frozenset[str]
    """Every other flag on a case keeps it out."""
    case_system: CaseSystemSettings
    next_case_system: CaseSystemSettings | None = None
    officer_sign_in: OfficerSignInSettings | None = None
    languages: tuple[str, ...] = ("en",)
    phone: str = "101"
    colour: str | None = None
    """#rrggbb in lower case; None for the portal's own."""
    placeholder_birth_dates: tuple[date, ...] = ()
    """Dates that the force's systems hold where a birth date is not known."""
    stale_after_hours: int = 24
    closed_after_hours: int = 72
    invitations: str = BY_OFFICER
    """"by-officer" or "automatic"."""
    invite_reported_from: date | None = None
    invitations_per_day: int = 200
    require_active_officer: bool = True
    urgent_desk: str | None = None
    """E-mail address told of urgent things round the clock."""
    usual_reply_working_days: int = 2
    """Within how many working days officers usually write back, as victims are told."""
    push: bool = False
    """Whether victims may be told of news by their browser's push service."""
    support: tuple[SupportSettings, ...] = ()


def parse_forces(text: str) -> tuple[ForceSettings, ...]:
    """The forces of a TOML file, in its order. Raises ForcesFileError, one line, on any doubt."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ForcesFileError(f"the forces file is not TOML: {reason}") from None
    for key in document:
        if key != "force":
            raise ForcesFileError(f"the forces file: unknown key {key!r}")
    tables = document.get("force")
    if not isinstance(tables, list) or not tables:
        raise ForcesFileError("the forces file: 'force' must be one or more [[force]] tables")
    forces = []
    seen: set[str] = set()
    for number, values in enumerate(tables, start=1):
        if not isinstance(values, dict):
            raise ForcesFileError(f"force {number}: 'force' must be a [[force]] table")
        table = Table(_label(number, values), values)
        force = _read_force(table)
        if force.slug in seen:
            table.refuse("slug", "is the slug of an earlier force too")
        seen.add(force.slug)
        forces.append(force)
    return tuple(forces)


def to_json(force: ForceSettings) -> dict[str, object]:
    """The settings as a JSON object (dates and times in ISO form); `from_json` reads it back."""
    return {key: _json_value(value) for key, value in asdict(force).items()}


def from_json(stored: Mapping[str, object]) -> ForceSettings:
    """What `to_json` gave. Keys of another version of the portal are passed over.

    Raises ForcesFileError if the rest is not what `to_json` gives.
    """
    values = _known(stored, ForceSettings)
    for key, kind in _SUBTABLES.items():
        subtable = values.get(key)
        if isinstance(subtable, Mapping):
            values[key] = _revived(_known(subtable, kind), "cutover_at")
    values = _revived(values, "invite_reported_from", "placeholder_birth_dates")
    return _read_force(Table("stored settings", values))


def _read_force(table: Table) -> ForceSettings:
    table.allow(*(field.name for field in fields(ForceSettings)))
    force = ForceSettings(
        slug=table.text("slug", _SLUG, "lower-case words joined by '-', such as 'west-mercia'"),
        name=table.text("name", A_LINE, "a line of text"),
        ons_code=table.text("ons_code", _ONS_CODE, "like E23000001"),
        languages=_languages(table),
        phone=table.text("phone", _PHONE, "a telephone number", default="101"),
        eligible_offences=frozenset(table.texts("eligible_offences")),
        harmless_flags=frozenset(f.casefold() for f in table.texts("harmless_flags", default=())),
        placeholder_birth_dates=table.days("placeholder_birth_dates"),
        colour=_lowered(table.maybe_text("colour", _COLOUR, "like #1d70b8")),
        stale_after_hours=table.number("stale_after_hours", 24),
        closed_after_hours=table.number("closed_after_hours", 72),
        invitations=table.choice("invitations", (BY_OFFICER, AUTOMATIC), default=BY_OFFICER),
        invite_reported_from=table.day("invite_reported_from"),
        invitations_per_day=table.number("invitations_per_day", 200),
        require_active_officer=table.yes_or_no("require_active_officer", default=True),
        urgent_desk=table.maybe_text("urgent_desk", _EMAIL, "an e-mail address"),
        usual_reply_working_days=table.number("usual_reply_working_days", 2),
        push=table.yes_or_no("push", default=False),
        support=tuple(_read_support(each) for each in table.tables("support")),
        case_system=_read_case_system(table.required_table("case_system")),
        next_case_system=_read_next_case_system(table.table("next_case_system")),
        officer_sign_in=_read_officer_sign_in(table.table("officer_sign_in")),
    )
    _refuse_contradictions(table, force)
    return force


def _refuse_contradictions(table: Table, force: ForceSettings) -> None:
    if force.closed_after_hours < force.stale_after_hours:
        table.refuse("closed_after_hours", "must not be less than stale_after_hours")
    if force.invitations == AUTOMATIC and force.invite_reported_from is None:
        table.refuse("invite_reported_from", "is missing: automatic invitations need it")
    present, following = force.case_system, force.next_case_system
    if following and (following.profile, following.url) == (present.profile, present.url):
        table.refuse("next_case_system", "must not be the present system")


def _read_support(table: Table) -> SupportSettings:
    table.allow(*(field.name for field in fields(SupportSettings)))
    return SupportSettings(
        name=table.text("name", A_LINE, "a line of text"),
        phone=table.text("phone", _PHONE, "a telephone number"),
        about=table.maybe_text("about", A_LINE, "a line of text"),
    )


def _languages(table: Table) -> tuple[str, ...]:
    languages = table.texts("languages", default=("en",))
    if "en" not in languages or len(set(languages)) < len(languages):
        table.refuse("languages", "must hold 'en', and 'cy' too where Welsh is owed")
    if not set(languages) <= set(LANGUAGES):
        table.refuse("languages", "must hold nothing but 'en' and 'cy'")
    return languages


def _read_case_system(table: Table) -> CaseSystemSettings:
    if "cutover_at" in table.values:
        table.refuse("cutover_at", "belongs in next_case_system only")
    return _read_any_case_system(table, cutover_at=None)


def _read_next_case_system(table: Table | None) -> CaseSystemSettings | None:
    if table is None:
        return None
    return _read_any_case_system(table, cutover_at=table.moment("cutover_at"))


def _read_any_case_system(table: Table, cutover_at: datetime | None) -> CaseSystemSettings:
    table.allow(*(field.name for field in fields(CaseSystemSettings)))
    return CaseSystemSettings(
        profile=table.choice("profile", PROFILES),
        url=table.url("url"),
        token_env=table.text("token_env", _ENVIRONMENT_NAME, "an environment variable's name"),
        poll_seconds=table.number("poll_seconds", 30),
        settle_seconds=table.number("settle_seconds", 30),
        cutover_at=cutover_at,
    )


def _read_officer_sign_in(table: Table | None) -> OfficerSignInSettings | None:
    if table is None:
        return None
    table.allow(*(field.name for field in fields(OfficerSignInSettings)))
    roles = _roles_of_groups(table.table("roles"))
    if roles is not None and not roles:
        table.refuse("roles", "is empty: without a group nobody could sign in")
    return OfficerSignInSettings(
        issuer=table.url("issuer", keep_slash=True),
        client_id=table.text("client_id", A_LINE, "a line of text"),
        client_secret_env=table.text(
            "client_secret_env", _ENVIRONMENT_NAME, "an environment variable's name"
        ),
        scope=_scope(table),
        collar_claim=table.maybe_text("collar_claim", _CLAIM, "the name of a claim"),
        email_claim=table.text("email_claim", _CLAIM, "the name of a claim", default="email"),
        groups_claim=table.text("groups_claim", _CLAIM, "the name of a claim", default="groups"),
        roles=roles,
    )


def _scope(table: Table) -> str:
    scope = table.text("scope", _SCOPE, "words with one blank between", "openid email profile")
    return scope if "openid" in scope.split() else table.refuse("scope", "must hold 'openid'")


def _roles_of_groups(table: Table | None) -> dict[str, tuple[str, ...]] | None:
    """Each group's roles; a group with one role may name it without a list."""
    if table is None:
        return None
    found = {}
    for group, value in table.values.items():
        roles = (value,) if isinstance(value, str) else table.texts(group)
        if not roles or not set(roles) <= set(ROLES):
            table.refuse(group, f"must hold roles: {', '.join(ROLES)}")
        found[group] = tuple(roles)
    return found


_SUBTABLES: Final[dict[str, type]] = {
    "case_system": CaseSystemSettings,
    "next_case_system": CaseSystemSettings,
    "officer_sign_in": OfficerSignInSettings,
}


def _label(number: int, values: Mapping[str, object]) -> str:
    slug = values.get("slug")
    if isinstance(slug, str) and _SLUG.fullmatch(slug):
        return f"force {number} ({slug})"
    return f"force {number}"


def _lowered(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _known(stored: Mapping[str, object], kind: type) -> dict[str, object]:
    """The keys of `kind` in `stored` that hold something: an absent one means its default."""
    names = [field.name for field in fields(kind)]
    return {name: stored[name] for name in names if stored.get(name) is not None}


def _json_value(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _json_value(item) for key, item in value.items()}
    return value


def _revived(values: Mapping[str, object], *keys: str) -> dict[str, object]:
    """The values with ISO texts under `keys` made dates and times again, where they are that."""
    return {key: _revive(value) if key in keys else value for key, value in values.items()}


def _revive(value: object) -> object:
    if isinstance(value, list):
        return [_revive(item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value
