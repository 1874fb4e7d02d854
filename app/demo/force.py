"""The made-up force of the demo, and the cases that its case system holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SLUG = "northshire"
TOKEN_ENV = "NORTHSHIRE_CASE_SYSTEM_TOKEN"  # noqa: S105 - the name of a variable

_FILE = """\
[[force]]
slug = "northshire"
name = "Northshire Police"
ons_code = "E23000099"
languages = ["en", "cy"]
phone = "101"
colour = "#2b5f75"
eligible_offences = ["burglary-dwelling", "theft-person", "criminal-damage"]
harmless_flags = ["repeat-victim"]
invitations = "by-officer"
[[force.support]]
name = "Northshire Victims First (made up)"
phone = "0800 000 0000"
about = "free help for anybody hurt by crime"
[force.case_system]
profile = "niche"
url = "{url}"
token_env = "NORTHSHIRE_CASE_SYSTEM_TOKEN"
poll_seconds = 2
"""

OFFENCES = {
    "burglary-dwelling": "Burglary in a dwelling",
    "theft-person": "Theft from the person",
    "criminal-damage": "Criminal damage",
    "violence-without-injury": "Violence without injury",
}


def forces_file(case_system_url: str) -> str:
    """The demo's forces file."""
    return _FILE.format(url=case_system_url)


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """An officer of the demo force."""

    collar: str
    name: str
    email: str
    roles: tuple[str, ...] = ("officer",)


SAM = DemoOfficer("1234", "PC Sam Okafor", "sam.okafor@northshire.example")
RHIAN = DemoOfficer("5678", "DC Rhian Ellis", "rhian.ellis@northshire.example")
OFFICERS = (SAM, RHIAN)
STAFF = (
    DemoOfficer("2001", "Sgt Amara Osei", "amara.osei@northshire.example", ("supervisor",)),
    DemoOfficer("3001", "Bethan Price", "bethan.price@northshire.example", ("contact-bureau",)),
    DemoOfficer("4001", "Daniel Frost", "daniel.frost@northshire.example", ("force-admin",)),
    DemoOfficer("5001", "Ines Marsh", "ines.marsh@northshire.example", ("auditor",)),
)
"""Who look after the force's cases, or after the portal, and are in charge of no case."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A made-up victim. Numbers are from the range that is kept free for drama."""

    id: str
    given_name: str
    family_name: str
    born: str
    email: str | None
    mobile: str | None


ALEX = DemoPerson("P100", "Alex", "Morgan", "1987-03-27", "alex@mail.example", "07700 900101")
PRIYA = DemoPerson("P101", "Priya", "Nair", "1994-11-02", "priya@mail.example", "07700 900102")
TOMASZ = DemoPerson("P102", "Tomasz", "Kowalski", "1958-06-30", "tomasz@mail.example", None)
JO = DemoPerson("P103", "Jo", "Whitfield", "1979-01-15", "jo@mail.example", "07700 900104")
MARCUS = DemoPerson("P104", "Marcus", "Bell", "1990-08-08", None, "07700 900105")
ELIN = DemoPerson("P105", "Elin", "Pugh", "2001-12-19", "elin@mail.example", "07700 900106")
FATIMA = DemoPerson("P106", "Fatima", "Hassan", "1985-05-05", "fatima@mail.example", None)
GRACE = DemoPerson("P107", "Grace", "Lim", "1972-10-21", "grace@mail.example", "07700 900108")
KAI = DemoPerson("P108", "Kai", "Turner", "2012-02-11", "kai@mail.example", None)
OMAR = DemoPerson("P109", "Omar", "Aziz", "1966-04-17", "omar@mail.example", "07700 900110")
SASHA = DemoPerson("P110", "Sasha", "Grant", "1999-09-09", "sasha@mail.example", None)


@dataclass(frozen=True, slots=True)
class DemoCase:
    """A case of the demo. `spoiled` holds the keys that keep it out of the portal."""

    reference: str
    person: DemoPerson
    officer: DemoOfficer
    offence: str
    status: str
    days_ago: int
    spoiled: dict[str, object] | None = None


CASES = (
    DemoCase("NS/1001/26", ALEX, SAM, "burglary-dwelling", "under-investigation", 12),
    DemoCase("NS/1002/26", PRIYA, SAM, "theft-person", "suspect-identified", 30),
    DemoCase("NS/1003/26", TOMASZ, RHIAN, "criminal-damage", "charged", 64),
    DemoCase("NS/1004/26", TOMASZ, SAM, "burglary-dwelling", "closed", 300),
    DemoCase("NS/1005/26", JO, SAM, "burglary-dwelling", "reported", 1),
    DemoCase("NS/1006/26", MARCUS, SAM, "theft-person", "under-investigation", 9),
    DemoCase("NS/1007/26", ELIN, RHIAN, "criminal-damage", "awaiting-charge-decision", 40),
    DemoCase("NS/1008/26", GRACE, RHIAN, "burglary-dwelling", "at-court", 150),
    DemoCase("NS/1009/26", FATIMA, SAM, "criminal-damage", "reported", 3, {"domesticAbuse": True}),
    DemoCase("NS/1010/26", KAI, SAM, "theft-person", "reported", 5),
    DemoCase("NS/1011/26", OMAR, RHIAN, "theft-person", "reported", 2, {"flags": None}),
    DemoCase("NS/1012/26", SASHA, RHIAN, "violence-without-injury", "reported", 4),
)


def case_json(case: DemoCase, now: datetime) -> dict[str, object]:
    """The case as the case system tells it, with times that are recent now."""
    reported = now - timedelta(days=case.days_ago)
    closed = now - timedelta(days=7) if case.status == "closed" else None
    told: dict[str, object] = {
        "reference": case.reference,
        "status": case.status,
        "reportedAt": _iso(reported),
        "offence": {"code": case.offence, "title": OFFENCES[case.offence]},
        "domesticAbuse": False,
        "flags": [],
        "riskAssessedAt": _iso(now - timedelta(days=min(case.days_ago, 10))),
        "officerInCase": {
            "collar": case.officer.collar,
            "name": case.officer.name,
            "email": case.officer.email,
        },
        "victim": _victim_json(case.person),
        "previousReference": None,
        "closedAt": _iso(closed) if closed else None,
    }
    return {**told, **(case.spoiled or {})}


def _victim_json(person: DemoPerson) -> dict[str, object]:
    return {
        "id": person.id,
        "givenName": person.given_name,
        "familyName": person.family_name,
        "dateOfBirth": person.born,
        "email": person.email,
        "mobile": person.mobile,
        "language": "en",
        "safeToContact": True,
        "linkedToSuspect": False,
        "contactShared": {"email": False, "mobile": False},
    }


def _iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
