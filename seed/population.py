"""The whole population, batch by batch: services first, then the cast, then each area's families.

The same number of children, seed and day always give the same population, in the same order. Nothing is kept of a
batch once it has been yielded, so that 200,000 children need no more memory than 2,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from graph.names import name_keys
from seed.cast import CAST, cast_batch
from seed.duplicates import Namesakes, duplicates
from seed.families import family, size
from seed.involvements import involvements, usual
from seed.organisations import organisation_batch
from seed.places import PLACES, Place
from seed.services import Area, area
from seed.shape import Batch, Row

CHUNK: Final = 1000
"""Children in a batch, more or less: a family is never divided."""


@dataclass(frozen=True)
class Population:
    """A population that can be generated any number of times, always alike.

    Attributes:
        children: how many children it has, the cast and second records of one child included.
        seed: of all random draws.
        today: the day from which ages and dates are counted.
    """

    children: int
    seed: int
    today: date

    def __post_init__(self) -> None:
        if self.children < len(CAST.children):
            raise ValueError(
                f"{self.children} children leave no room for the cast: ask for at least {len(CAST.children)}."
            )

    def batches(self) -> Iterator[Batch]:
        """Yield the records so that whatever a batch refers to is in it or in an earlier one."""
        areas: list[Area] = []
        yield from self.foundations(areas)
        for made in areas:
            yield from self.families(made, tuple(areas))

    def foundations(self, areas: list[Area]) -> Iterator[Batch]:
        """Yield what every family may refer to: organisations, services with their practitioners, and the cast.

        Args:
            areas: receives each area in turn.
        """
        yield organisation_batch(PLACES)
        for place, quota in self._quotas().items():
            made, batch = area(self._random(place, "services"), place, quota, self.today)
            areas.append(made)
            yield batch
        yield _keyed(cast_batch(self.today))

    def families(self, within: Area, areas: tuple[Area, ...]) -> Iterator[Batch]:
        """Yield the families of one area, which refer to each other and to the foundations alone."""
        rng = self._random(within.place, "families")
        yield from _families(rng, within, areas, self._quotas()[within.place], self.today)

    def whole(self) -> Batch:
        """All batches as one: for populations that fit into memory."""
        batch = Batch()
        batch.extend(self.batches())
        return batch

    def _quotas(self) -> dict[Place, int]:
        return _quotas(self.children - len(CAST.children))

    def _random(self, place: Place, purpose: str) -> Random:
        return Random(f"{self.seed}/{place.name}/{purpose}")  # noqa: S311 - invented people need no secrecy


def population(children: int, seed: int, today: date) -> Population:
    """Describe a population; its records are made when its batches are asked for.

    Args:
        children: how many children, the cast included.
        seed: two populations with the same seed, size and day are identical.
        today: the day from which ages, training and vetting are counted.

    Raises:
        ValueError: the number of children has no room for the cast.
    """
    return Population(children, seed, today)


def _quotas(children: int) -> dict[Place, int]:
    """Share children out by the places' weights; the largest place takes what is left over."""
    whole = sum(place.weight for place in PLACES)
    shares = {place: children * place.weight // whole for place in PLACES}
    shares[PLACES[0]] += children - sum(shares.values())
    return shares


def _families(rng: Random, within: Area, areas: tuple[Area, ...], quota: int, today: date) -> Iterator[Batch]:
    namesakes = Namesakes(rng)
    batch, left = Batch(), quota
    while left > 0:
        one = family(rng, within.place, min(size(rng), left), today)
        namesakes.meet(one)
        uses = usual(rng, within, areas)
        left -= len(one.children)
        second = duplicates(rng, one, uses, place=within.place, today=today, most=left)
        left -= len(second.nodes["Child"])
        batch.extend((one.batch, involvements(rng, one, within, uses, today), second))
        if len(batch.nodes["Child"]) >= CHUNK:
            yield _keyed(batch)
            batch = Batch()
    if batch.nodes["Child"]:
        yield _keyed(batch)


def _keyed(batch: Batch) -> Batch:
    """Add the name keys by which a search finds the batch's children."""
    for child in batch.nodes["Child"]:
        batch.name_keys.extend(_name_keys(child))
    return batch


def _name_keys(child: Row) -> Iterator[Row]:
    former = zip(_strings(child["formerGivenNames"]), _strings(child["formerFamilyNames"]), strict=True)
    postcode = child.get("postcode")
    keys = name_keys(
        str(child["givenName"]),
        str(child["familyName"]),
        list(former),
        str(child["dateOfBirth"]),
        None if postcode is None else str(postcode),
    )
    for key in keys:
        yield {**key, "child": child["id"]}  # type: ignore[dict-item]


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
