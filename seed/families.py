"""Families: siblings, their carers and where they live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from seed.draws import YEAR, number_from, opaque_id, weighted, years_before
from seed.households import ADOPTED, Household, household
from seed.names import FEMALE, MALE, Heritage, family_name, given_name, heritage, variant
from seed.places import Place, address, mobile, postcode
from seed.shape import CARES_FOR, RESIDES_IN, Batch, Row

ADULT: Final = 18
"""The age, in years, at which a record leaves the directory."""

_SIZES: Final = ((1, 0.260), (2, 0.470 / 2), (3, 0.205 / 3), (4, 0.045 / 4), (5, 0.015 / 5), (6, 0.005 / 6))
_GENDERS: Final = ((FEMALE, 48.7), (MALE, 51.2), ("NOT_SPECIFIED", 0.1))
_TWINS: Final = 0.03
_HALF_SIBLING_UNSHIELDED: Final = 0.5
_ELSEWHERE: Final = 0.08
_MISSPELT: Final = 0.05
_SPACING: Final = 290
"""Days between two births, at the least."""


@dataclass(frozen=True)
class Family:
    """Siblings with their carers.

    Attributes:
        children: the rows of the children in the batch, the eldest first.
        born: their true dates of birth.
        circumstances: ordinary, looked after or adopted.
        carers: ids of the carers, the first of whom cares for every child.
        batch: the records of children, carers and the links between them.
    """

    children: tuple[Row, ...]
    born: tuple[date, ...]
    circumstances: str
    carers: tuple[str, ...]
    batch: Batch


def size(rng: Random) -> int:
    """How many siblings a family has: 26 % of children are only children, 47 % one of two, 27 % one of more."""
    return weighted(rng, _SIZES)


def births(rng: Random, count: int, today: date) -> tuple[date, ...]:
    """Dates of birth of siblings who are all under 18, the eldest first; now and then the first two are twins."""
    span = (today - years_before(today, ADULT)).days - 1
    days = sorted(int(rng.random() * span) for _ in range(count))
    for at in range(1, count):
        if days[at] - days[at - 1] < _SPACING:
            days[at] = days[at - 1] + _SPACING + int(rng.random() * YEAR)
    latest = max(days[-1] - span + 1, 0)
    days = [max(day - latest, at) for at, day in enumerate(days)]
    if count > 1 and rng.random() < _TWINS:
        days[1] = days[0]
    return tuple(today - timedelta(days=span - day) for day in days)


def _whereabouts(rng: Random, place: Place, *, settled: bool) -> Row:
    state = "CURRENT" if settled else weighted(rng, _STATES)
    if state in {"NONE_KNOWN", "LEFT_ENGLAND"}:
        return {"addressLines": None, "postcode": None, "addressState": state}
    return {"addressLines": address(rng, place), "postcode": postcode(rng, place), "addressState": state}


_STATES: Final = (("CURRENT", 96.5), ("LAST_KNOWN", 2), ("NONE_KNOWN", 1), ("LEFT_ENGLAND", 0.5))


def _carers(
    rng: Random, batch: Batch, *, of: Heritage, home: Household, place: Place, lives: Row, name: str
) -> list[str]:
    ids = []
    for carer in home.carers:
        id_ = opaque_id(rng)
        shares_name = carer.lives_in and rng.random() < 2 / 3
        row: Row = {
            "id": id_,
            "givenName": given_name(rng, of, carer.gender),
            "familyName": name if shares_name else family_name(rng, of),
            "phone": mobile(rng),
            **(lives if carer.lives_in else _whereabouts(rng, place, settled=False)),
        }
        batch.node("Carer", row)
        ids.append(id_)
    return ids


def _child(rng: Random, *, of: Heritage, home: Household, name: str, born: date, lives: Row) -> Row:
    gender = weighted(rng, _GENDERS)
    given = given_name(rng, of, gender)
    former = [(given_name(rng, of, gender), family_name(rng, of))] if home.circumstances == ADOPTED else []
    misspelt = rng.random() < _MISSPELT
    return {
        "id": opaque_id(rng),
        "number": number_from(rng.getrandbits(60)),
        "givenName": given,
        "familyName": variant(rng, name) if misspelt else name,
        "formerGivenNames": [given for given, _ in former],
        "formerFamilyNames": [family for _, family in former],
        "dateOfBirth": born.isoformat(),
        "gender": gender,
        **lives,
        "shielded": home.shielded,
    }


def _shielding(rng: Random, home: Household, children: Sequence[Row]) -> None:
    """Leave a shielded family's youngest child open now and then: the brother or sister shares a carer all the same."""
    stepfamily = any(carer.relationship == "step-parent" for carer in home.carers)
    if home.shielded and stepfamily and len(children) > 1 and rng.random() < _HALF_SIBLING_UNSHIELDED:
        children[-1]["shielded"] = False


def family(rng: Random, place: Place, count: int, today: date) -> Family:
    """A family with so many children who live in one place.

    A child in twelve has an address that differs from the carers', as where one source was told of a move.
    """
    batch = Batch()
    home = household(rng)
    of = heritage(rng)
    name = family_name(rng, of)
    lives = _whereabouts(rng, place, settled=home.shielded)
    carers = _carers(rng, batch, of=of, home=home, place=place, lives=lives, name=name)
    born = births(rng, count, today)
    children = []
    for birth in born:
        moved = not home.shielded and lives["addressState"] == "CURRENT" and rng.random() < _ELSEWHERE
        own = {**_whereabouts(rng, place, settled=True), "addressState": "LAST_KNOWN"} if moved else lives
        children.append(_child(rng, of=of, home=home, name=name, born=birth, lives=own))
    _shielding(rng, home, children)
    for at, child in enumerate(children):
        batch.node("Child", child)
        if child["addressState"] != "LEFT_ENGLAND":
            batch.link(RESIDES_IN, str(child["id"]), place.authority)
        youngest_of_many = at == count - 1 > 0
        for id_, carer in zip(carers, home.carers, strict=True):
            if not (carer.eldest_only and youngest_of_many):
                batch.link(
                    CARES_FOR,
                    id_,
                    str(child["id"]),
                    relationship=carer.relationship,
                    parentalResponsibility=carer.responsible,
                )
    return Family(tuple(batch.nodes["Child"]), born, home.circumstances, tuple(carers), batch)
