"""Which services work with a child: universal ones by age, additional and sensitive ones by need, and ended ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from seed.draws import age, between, opaque_id, pick, weighted, years_before
from seed.families import Family
from seed.households import LOOKED_AFTER
from seed.services import Area, Desk
from seed.shape import Batch, Row

UNIVERSAL: Final = "UNIVERSAL"
ADDITIONAL: Final = "ADDITIONAL"
SENSITIVE: Final = "SENSITIVE"

_SCHOOL_AGE: Final = 4
_SECONDARY_AGE: Final = 11

_HOW_MANY: Final = ((0, 70.0), (1, 17.0), (2, 8.0), (3, 3.0), (4, 1.6), (5, 0.4))
_ADDITIONAL: Final[dict[str, tuple[int, int, float]]] = {
    "SOCIAL_CARE": (0, 17, 1.3),
    "CHILDRENS_CENTRE": (0, 5, 12.0),
    "SPEECH_THERAPY": (1, 12, 10.0),
    "EDUCATION_WELFARE": (5, 17, 9.0),
    "YOUTH_OFFENDING": (10, 17, 0.8),
    "VOLUNTARY": (0, 17, 8.0),
    "PARTNER": (0, 17, 4.0),
}
"""Additional services: the youngest and the oldest age in years, and the weight."""

_SENSITIVE_BY_AGE: Final = ((10, 0.008), (13, 0.03), (15, 0.05), (17, 0.09))
"""The share of children with a sensitive service, up to each age in years."""
_SENSITIVE: Final[dict[str, tuple[int, int, float]]] = {
    "MENTAL_HEALTH": (0, 17, 6.0),
    "SEXUAL_HEALTH": (13, 17, 2.0),
    "SUBSTANCE_MISUSE": (12, 17, 2.0),
}
_NAMED: Final = {UNIVERSAL: 0.65, ADDITIONAL: 0.92, SENSITIVE: 0.92}
_CONSENT: Final = {UNIVERSAL: 1.0, ADDITIONAL: 0.88, SENSITIVE: 0.93}
"""Where there is no consent, the supply rests on a statutory duty or on cause to suspect significant harm."""
_ENDED: Final = 0.33
_MOVED: Final = 0.06
_LED: Final = 0.8


@dataclass(frozen=True)
class Usual:
    """The universal services that all children of a family use, by stage, and the area that they moved from, if any."""

    desks: Mapping[str, Desk]
    before: Area | None


def usual(rng: Random, area: Area, areas: tuple[Area, ...]) -> Usual:
    """A family's usual services; now and then the family has moved from another area."""
    stages = ("GP", "HEALTH_VISITING", "SCHOOL_NURSING", "NURSERY", "PRIMARY", "SECONDARY")
    before = pick(rng, areas) if rng.random() < _MOVED else None
    return Usual({stage: pick(rng, area.desks[stage]) for stage in stages}, before)


def _add(
    rng: Random,
    batch: Batch,
    child: str,
    *,
    desk: Desk,
    kind: str,
    since: date,
    until: date | None = None,
    lead: bool = False,
) -> None:
    named = lead or rng.random() < _NAMED[kind]
    row: Row = {
        "id": opaque_id(rng),
        "kind": kind,
        "since": since.isoformat(),
        "until": until.isoformat() if until else None,
        "consent": rng.random() < _CONSENT[kind],
        "lead": lead,
    }
    batch.involvement(row, child, desk.service, pick(rng, desk.practitioners) if named else None)


def _universal(years: int, born: date, rng: Random) -> list[tuple[str, date]]:
    """The stages of the two or three universal services of a child, and since when."""
    started = born + timedelta(days=int(rng.random() * 40))
    stages = [("GP", started)]
    if years < _SCHOOL_AGE:
        stages.append(("HEALTH_VISITING", started))
        if years > 0 and rng.random() < 0.45:  # noqa: PLR2004 - the share of one to three year-olds in a nursery
            stages.append(("NURSERY", started + timedelta(days=330)))
        return stages
    stage, entry = ("PRIMARY", _SCHOOL_AGE) if years < _SECONDARY_AGE else ("SECONDARY", _SECONDARY_AGE)
    stages.append((stage, date(born.year + entry, born.month, min(born.day, 28))))
    if rng.random() < 0.35:  # noqa: PLR2004 - the share of pupils whom a school nurse has seen
        stages.append(("SCHOOL_NURSING", date(born.year + _SCHOOL_AGE, born.month, min(born.day, 28))))
    return stages


def _by_age(table: Mapping[str, tuple[int, int, float]], years: int, taken: list[str]) -> list[tuple[str, float]]:
    return [
        (stage, weight)
        for stage, (youngest, oldest, weight) in table.items()
        if youngest <= years <= oldest and stage not in taken
    ]


def _additional(rng: Random, years: int, *, in_care: bool) -> list[str]:
    wanted = weighted(rng, _HOW_MANY)
    stages = ["SOCIAL_CARE"] if in_care else []
    while len(stages) < wanted and (odds := _by_age(_ADDITIONAL, years, stages)):
        stages.append(weighted(rng, odds))
    return stages


def _ended(rng: Random, batch: Batch, child: str, *, area: Area, born: date, today: date) -> None:
    """An involvement of the past: a former school or nursery, health visiting, or help that is over."""
    years = age(born, today)
    past = [("GP", UNIVERSAL), ("CHILDRENS_CENTRE", ADDITIONAL), ("VOLUNTARY", ADDITIONAL)]
    if years >= _SCHOOL_AGE:
        past += [("HEALTH_VISITING", UNIVERSAL), ("NURSERY", UNIVERSAL), ("SPEECH_THERAPY", ADDITIONAL)]
    if years >= _SECONDARY_AGE:
        past += [("PRIMARY", UNIVERSAL), ("PRIMARY", UNIVERSAL), ("EDUCATION_WELFARE", ADDITIONAL)]
    stage, kind = pick(rng, past)
    since = between(rng, born, today - timedelta(days=60))
    until = between(rng, since, today - timedelta(days=1))
    _add(rng, batch, child, desk=pick(rng, area.desks[stage]), kind=kind, since=min(since, until), until=until)


def _sensitive_share(years: int) -> float:
    return next(share for oldest, share in _SENSITIVE_BY_AGE if years <= oldest)


def involvements(rng: Random, family: Family, area: Area, uses: Usual, today: date) -> Batch:
    """The involvements of all children of a family; those of a child who left England have ended."""
    batch = Batch()
    for child, born in zip(family.children, family.born, strict=True):
        id_, years = str(child["id"]), age(born, today)
        earliest = max(born, years_before(today, 4))
        left = child["addressState"] == "LEFT_ENGLAND"
        until = between(rng, earliest, today - timedelta(days=1)) if left else None
        for stage, since in _universal(years, born, rng):
            desk = uses.desks[stage]
            _add(rng, batch, id_, desk=desk, kind=UNIVERSAL, since=min(since, until or today), until=until)
        stages = [] if left else _additional(rng, years, in_care=family.circumstances == LOOKED_AFTER)
        led = rng.random() < _LED
        for at, stage in enumerate(stages):
            desk = pick(rng, area.desks[stage])
            start = between(rng, earliest, today)
            _add(rng, batch, id_, desk=desk, kind=ADDITIONAL, since=start, lead=led and at == 0)
        if not left and rng.random() < _sensitive_share(years):
            desk = pick(rng, area.desks[weighted(rng, _by_age(_SENSITIVE, years, []))])
            _add(rng, batch, id_, desk=desk, kind=SENSITIVE, since=between(rng, earliest, today))
        if rng.random() < _ENDED:
            _ended(rng, batch, id_, area=uses.before or area, born=born, today=today)
    return batch
