"""Near-duplicates: second records of a child, and children who only look like one.

A second record of a shielded child, or of her brothers and sisters, is never made: a shield belongs to the person,
and a feed's row that comes near a shielded person waits for a human being.
"""

from datetime import date
from random import Random
from typing import Final

from seed.draws import number_from, opaque_id, pick, years_before
from seed.families import ADULT, Family
from seed.involvements import UNIVERSAL, Usual
from seed.names import variant
from seed.places import Place, address, postcode
from seed.shape import CARES_FOR, RESIDES_IN, Batch, Row

_DUPLICATED: Final = 0.03
_SWAPPED: Final = 0.4
_RESPELT: Final = 0.6
_MOVED: Final = 0.3
_MONTHS: Final = 12
_NAMESAKES: Final = 0.003
_REMEMBERED: Final = 64


def swapped(born: date, today: date) -> date:
    """The date with day and month exchanged by a slip; unchanged where no child could be born then."""
    if born.day > _MONTHS:
        return born
    other = born.replace(month=born.day, day=born.month)
    return other if years_before(today, ADULT) < other < today else born


def _second(rng: Random, child: Row, born: date, place: Place, today: date) -> Row:
    row = {**child, "id": opaque_id(rng), "number": number_from(rng.getrandbits(60)), "shielded": False}
    if rng.random() < _SWAPPED:
        row["dateOfBirth"] = swapped(born, today).isoformat()
    if rng.random() < _RESPELT:
        part = pick(rng, ("givenName", "familyName"))
        row[part] = variant(rng, str(row[part]))
    if rng.random() < _MOVED:
        row.update(addressLines=address(rng, place), postcode=postcode(rng, place), addressState="LAST_KNOWN")
    return row


def duplicates(rng: Random, family: Family, uses: Usual, *, place: Place, today: date, most: int) -> Batch:
    """Second records of a family's children: 3 % of children have one, which names the first carer and a surgery.

    There are at most ``most``.
    """
    batch = Batch()
    if any(child["shielded"] for child in family.children):
        return batch
    for child, born in zip(family.children, family.born, strict=True):
        full = len(batch.nodes["Child"]) >= most
        if rng.random() >= _DUPLICATED or full or child["addressState"] == "LEFT_ENGLAND":
            continue
        row = _second(rng, child, born, place, today)
        batch.node("Child", row)
        batch.link(RESIDES_IN, str(row["id"]), place.authority)
        batch.link(
            CARES_FOR, family.carers[0], str(row["id"]), relationship="not recorded", parentalResponsibility=False
        )
        surgery = uses.desks["GP"]
        visit: Row = {
            "id": opaque_id(rng),
            "kind": UNIVERSAL,
            "since": born.isoformat(),
            "consent": True,
            "lead": False,
        }
        batch.involvement(visit, str(row["id"]), surgery.service, None)
    return batch


class Namesakes:
    """Gives a few children the full name of another child of about the same age in the same area."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._seen: list[tuple[str, str, str]] = []

    def meet(self, family: Family) -> None:
        """Rename three children in a thousand after one met before; remember the others."""
        for child in family.children:
            me = (str(child["givenName"]), str(child["familyName"]), str(child["dateOfBirth"]))
            if child["shielded"]:
                continue
            if self._seen and self._rng.random() < _NAMESAKES:
                other = min(self._seen, key=lambda seen: abs(_day(seen[2]) - _day(me[2])))
                child.update(givenName=other[0], familyName=other[1])
            elif len(self._seen) < _REMEMBERED:
                self._seen.append(me)
            else:
                self._seen[int(self._rng.random() * _REMEMBERED)] = me


def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()
