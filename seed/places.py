"""Places that do not exist: authorities of long-tailed sizes, their postcodes, addresses and telephone numbers.

No postcode area begins with Q, V or X. Telephone numbers come from the ranges that Ofcom keeps for drama, the last
hundred of each for the cast. Addresses of mail and web end in ``.example`` (RFC 2606).
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from seed.draws import fixed_id, pick


@dataclass(frozen=True)
class Place:
    """One local authority's area.

    Attributes:
        name: of the area, as in "Ambermere Council".
        weight: its share of the children, in hundredths.
        area: the letters that its postcodes begin with.
        towns: in which its families live.
    """

    name: str
    weight: int
    area: str
    towns: tuple[str, ...]

    @property
    def authority(self) -> str:
        """The id of the local authority, the same in every population."""
        return fixed_id("organisation", f"{self.name} Council")


AMBERMERE: Final = Place("Ambermere", 30, "QA", ("Ambermere", "Upper Ambermere", "Fallowgate", "Coldharbour Cross"))
THORNMARSH: Final = Place("Thornmarsh", 20, "QT", ("Thornmarsh", "Reedwater", "Long Thorning"))
PLACES: Final = (
    AMBERMERE,
    THORNMARSH,
    Place("Brackenfold", 15, "VB", ("Brackenfold", "Nether Bracken", "Tarnside")),
    Place("Kestrelby", 11, "VK", ("Kestrelby", "Hawkstead Green")),
    Place("Larkenham", 9, "XL", ("Larkenham", "Larken Spa", "Skylark Hill")),
    Place("Osierhurst", 7, "QO", ("Osierhurst", "Withybridge")),
    Place("Hollinfold", 5, "XH", ("Hollinfold", "Hollin Bank")),
    Place("Pennywater", 3, "VP", ("Pennywater",)),
)
"""Eight authorities, the largest ten times the smallest; their names are invented."""

_STREETS: Final = tuple(
    f"{first} {second}"
    for first in (
        *("Alder", "Beech", "Bramley", "Canal", "Chapel", "Church", "Clover", "Foundry", "Garden", "Hazel", "High"),
        *("Ivy", "Juniper", "Kiln", "Lower", "Maple", "Market", "Meadow", "Mill", "New", "Orchard", "Park", "Poplar"),
        *("Quarry", "Rowan", "School", "Spring", "Station", "Sycamore", "Tanner's", "Victoria", "Willow", "York"),
    )
    for second in ("Road", "Street", "Lane", "Close", "Avenue", "Way", "Terrace", "Gardens")
)
_UNIT_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"
_FOR_POPULATION: Final = 900
"""Numbers 000 to 899 of each drama range are the population's; 900 to 999 are the cast's."""


def address(rng: Random, place: Place) -> list[str]:
    """The lines of an address."""
    house = f"{1 + int(rng.random() ** 2 * 180)} {pick(rng, _STREETS)}"
    lines = [house, pick(rng, place.towns)]
    return lines if rng.random() < 5 / 6 else [f"Flat {1 + int(rng.random() * 24)}", *lines]


def postcode(rng: Random, place: Place) -> str:
    """A postcode whose area does not exist."""
    unit = pick(rng, _UNIT_LETTERS) + pick(rng, _UNIT_LETTERS)
    return f"{place.area}{1 + int(rng.random() * 19)} {int(rng.random() * 10)}{unit}"


def mobile(rng: Random) -> str:
    """A mobile number of the drama range."""
    return f"07700 900{int(rng.random() * _FOR_POPULATION):03d}"


def landline(rng: Random) -> str:
    """A geographic number of the drama range that belongs to no area."""
    return f"01632 960{int(rng.random() * _FOR_POPULATION):03d}"


def freephone(rng: Random) -> str:
    """A free number of the drama range, for use out of hours."""
    return f"08081 570{int(rng.random() * _FOR_POPULATION):03d}"


def domain(name: str) -> str:
    """A mail domain made from a name: that of Larkenham Council is ``larkenham-council.example``."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in name.replace("'", "").lower())
    return "-".join(plain.split()) + ".example"
