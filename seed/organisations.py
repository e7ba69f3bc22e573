"""The organisations of an authority's area and the national partners; their names and ids never change."""

from dataclasses import dataclass
from typing import Final

from seed.draws import fixed_id
from seed.places import Place
from seed.shape import WITHIN, Batch, Row

VERSION: Final = 1
"""The version of every record that has one, as first loaded."""


@dataclass(frozen=True)
class Organisations:
    """Names of the organisations that run an area's services: each name stands for the fixed id of its organisation.

    Attributes:
        council: the local authority itself.
        surgeries: runs the general practices.
        community: the health trust for all other health services.
        schools: trusts that run schools and nurseries.
        voluntary: the area's own voluntary organisation.
    """

    council: str
    surgeries: str
    community: str
    schools: tuple[str, str]
    voluntary: str


def organisations(place: Place) -> Organisations:
    """The organisations of one area."""
    return Organisations(
        council=f"{place.name} Council",
        surgeries=f"{place.name} Primary Care Alliance",
        community=f"{place.name} Community Health Trust",
        schools=(f"{place.name} Learning Trust", f"{place.name} Church Schools Trust"),
        voluntary=f"{place.name} Family Action Network",
    )


LANTERNLIGHT: Final = "Lanternlight Children"
KITESTRING: Final = "Kitestring Families"
PARTNERS: Final = (LANTERNLIGHT, KITESTRING)
"""The national partners: they run projects in many areas and are within none."""

_UNACCREDITED: Final = "Hollinfold Family Action Network"
"""An organisation that has yet to be accredited, so that there is one."""


def organisation_id(name: str) -> str:
    """The id of the organisation with this name."""
    return fixed_id("organisation", name)


def _row(name: str, kind: str, at: int) -> Row:
    return {
        "id": organisation_id(name),
        "name": name,
        "kind": kind,
        "phone": f"020 7946 0{at:03d}",
        "outOfHoursPhone": f"08081 570{at:03d}",
        "accredited": name != _UNACCREDITED,
        "version": VERSION,
    }


def organisation_batch(places: tuple[Place, ...]) -> Batch:
    """All organisations: those of each area, within its authority, and the national partners."""
    batch = Batch()
    for at, partner in enumerate(PARTNERS):
        batch.node("Organisation", _row(partner, "NATIONAL_PARTNER", at))
    for index, place in enumerate(places, start=1):
        of = organisations(place)
        kinds = [
            (of.council, "LOCAL_AUTHORITY"),
            (of.surgeries, "HEALTH_TRUST"),
            (of.community, "HEALTH_TRUST"),
            *((trust, "SCHOOL_TRUST") for trust in of.schools),
            (of.voluntary, "VOLUNTARY"),
        ]
        for at, (name, kind) in enumerate(kinds):
            batch.node("Organisation", _row(name, kind, 10 * index + at))
            batch.link(WITHIN, organisation_id(name), place.authority)
    return batch
