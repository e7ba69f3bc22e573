"""The services of an area, their practitioners, and the accounts of those who may look children up.

Numbers follow the field's ratios: two to six users in a school of 300 to 1,000 pupils, two to four in a general
practice of about 2,000 children, a social worker for every 16 children in need.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from seed.draws import opaque_id, pick
from seed.organisations import PARTNERS, organisation_id, organisations
from seed.places import Place, domain, freephone, landline
from seed.shape import PART_OF, Batch
from seed.staff import add_practitioner


@dataclass(frozen=True)
class Desk:
    """A service as involvements see it: its id, and its practitioners' ids."""

    service: str
    practitioners: tuple[str, ...]


@dataclass(frozen=True)
class Area:
    """An authority's area: its place, and its services by stage (see `STAGES`), at least one for each."""

    place: Place
    desks: Mapping[str, tuple[Desk, ...]]


@dataclass(frozen=True)
class _Stage:
    """How many services of one stage an area needs, and who works there.

    Attributes:
        kind: of the service.
        runs: which organisation runs it: an attribute of `Organisations`, or "partners".
        children: for how many of the area's children there is one service.
        practitioners: the fewest and the most in one service.
        title: what its name ends with.
    """

    kind: str
    runs: str
    children: float
    practitioners: tuple[int, int]
    title: str


STAGES: Final[dict[str, _Stage]] = {
    "GP": _Stage("GP", "surgeries", 2000, (2, 4), "Surgery"),
    "HEALTH_VISITING": _Stage("HEALTH_VISITING", "community", 4500, (3, 5), "Health Visiting"),
    "SCHOOL_NURSING": _Stage("SCHOOL_NURSING", "community", 8000, (3, 5), "School Nursing"),
    "NURSERY": _Stage("NURSERY", "schools", 900, (2, 3), "Nursery"),
    "PRIMARY": _Stage("SCHOOL", "schools", 900, (2, 5), "Primary School"),
    "SECONDARY": _Stage("SCHOOL", "schools", 2400, (3, 6), "Academy"),
    "SOCIAL_CARE": _Stage("SOCIAL_CARE", "council", 3900, (7, 9), "Children's Social Care"),
    "EDUCATION_WELFARE": _Stage("EDUCATION_WELFARE", "council", 20000, (2, 4), "Education Welfare"),
    "YOUTH_OFFENDING": _Stage("YOUTH_OFFENDING", "council", 30000, (2, 4), "Youth Offending Team"),
    "CHILDRENS_CENTRE": _Stage("CHILDRENS_CENTRE", "council", 4000, (2, 4), "Children's Centre"),
    "SPEECH_THERAPY": _Stage("SPEECH_THERAPY", "community", 12000, (3, 5), "Speech and Language Therapy"),
    "VOLUNTARY": _Stage("VOLUNTARY", "voluntary", 10000, (2, 4), "Family Support"),
    "PARTNER": _Stage("VOLUNTARY", "partners", 15000, (2, 3), "Project"),
    "MENTAL_HEALTH": _Stage("MENTAL_HEALTH", "community", 12000, (3, 5), "Child and Adolescent Mental Health"),
    "SEXUAL_HEALTH": _Stage("SEXUAL_HEALTH", "community", 30000, (2, 3), "Young People's Clinic"),
    "SUBSTANCE_MISUSE": _Stage("SUBSTANCE_MISUSE", "voluntary", 30000, (2, 3), "Young People's Substance Service"),
}
"""Every stage of service. Schools come in two stages, voluntary services in an area's own and the partners'."""

_FIRST: Final = ("Abbey", "Bluebell", "Castle", "Elmfield", "Greenacre", "Holly", "Lakeside", "Moorland", "Northgate",
    "Oakwood", "Priory", "Riverside", "Southfield", "Thistle", "Woodland", "Westbrook")  # fmt: skip
_SECOND: Final = ("Bank", "Bridge", "Corner", "Court", "Cross", "End", "Field", "Hall", "Hill", "House", "Park",
    "Place", "Rise", "View", "Vale", "Yard")  # fmt: skip
_NAMED_FOR_A_STREET: Final = frozenset({"GP", "NURSERY", "PRIMARY", "SECONDARY", "CHILDRENS_CENTRE"})


def _name(rng: Random, place: Place, stage: str, *, run_by: str, count: int, at: int) -> str:
    title = STAGES[stage].title
    if stage == "PARTNER":
        return f"{run_by} {place.name} {title}" + (f" {at + 1}" if at >= len(PARTNERS) else "")
    if stage in _NAMED_FOR_A_STREET:
        return f"{pick(rng, _FIRST)} {pick(rng, _SECOND)} {title}"
    return f"{place.name} {title}" + (f", Team {at + 1}" if count > 1 else "")


def _run_by(place: Place, runs: str, at: int) -> str:
    if runs == "partners":
        return PARTNERS[at % len(PARTNERS)]
    runner: str | tuple[str, ...] = getattr(organisations(place), runs)
    return runner if isinstance(runner, str) else runner[at % len(runner)]


def _services(rng: Random, batch: Batch, place: Place, stage: str, *, children: int, today: date) -> Iterator[Desk]:
    wanted = STAGES[stage]
    fewest = len(PARTNERS) if stage == "PARTNER" else 1
    count = max(fewest, round(children / wanted.children))
    for at in range(count):
        run_by = _run_by(place, wanted.runs, at)
        service = opaque_id(rng)
        name = _name(rng, place, stage, run_by=run_by, count=count, at=at)
        batch.node(
            "Service",
            {
                "id": service,
                "name": name,
                "kind": wanted.kind,
                "phone": landline(rng),
                "email": f"office@{domain(name)}",
                "outOfHoursPhone": freephone(rng) if wanted.runs in {"council", "community"} else None,
            },
        )
        batch.link(PART_OF, service, organisation_id(run_by))
        few, many = wanted.practitioners
        staff = [
            add_practitioner(rng, batch, service, stage=stage, organisation=organisation_id(run_by), today=today)
            for _ in range(few + int(rng.random() * (many - few + 1)))
        ]
        yield Desk(service, tuple(staff))


def area(rng: Random, place: Place, children: int, today: date) -> tuple[Area, Batch]:
    """The services of an area with so many children, and the records that describe them."""
    batch = Batch()
    desks = {stage: tuple(_services(rng, batch, place, stage, children=children, today=today)) for stage in STAGES}
    return Area(place, desks), batch
