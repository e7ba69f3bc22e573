"""What is asked of a population of any size: about few children again and again, and about any child of all."""

import uuid
from collections.abc import Iterator, Mapping
from random import Random
from typing import LiteralString

from neo4j import AsyncDriver

from bench.asking import asked, entities
from bench.graph import driver_of
from bench.http import Request
from bench.model import Json
from bench.people import Asker, turns
from bench.stage import Asked
from bench.targets import headers
from gateway.demo import SEED
from gateway.engines.model import Engines

DRAWS = 10_000
"""How many children are drawn from all: more than a measurement meets twice where there are many."""
_AT_ONCE = 500
_DRAW: LiteralString = (
    "UNWIND $points AS point "
    "CALL (point) { MATCH (c:Child) WHERE c.id >= point RETURN c ORDER BY c.id LIMIT 1 } "
    "RETURN c.id AS id, c.familyName AS familyName, c.dateOfBirth AS dateOfBirth"
)
"""The child behind a point among all identifiers, which are spread evenly."""


async def drawn(engines: Engines) -> list[Mapping[str, Json]]:
    """Children drawn from all, the same ones whenever the same population is drawn from."""
    async with driver_of(engines) as driver:
        return await _drawn(driver, Random(SEED))  # noqa: S311 - a draw


async def _drawn(driver: AsyncDriver, rng: Random) -> list[Mapping[str, Json]]:
    found: list[Mapping[str, Json]] = []
    while len(found) < DRAWS:
        points = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(_AT_ONCE)]
        records, _, _ = await driver.execute_query(_DRAW, points=points)
        found += [record.data() for record in records]
    return found[:DRAWS]


def questions(on: Asked, any_child: list[Mapping[str, Json]]) -> dict[str, tuple[list[Request], str]]:
    """The requests of each question, with what every good answer holds.

    Args:
        on: the few children, each with its answer.
        any_child: children drawn from all; of one with too many namesakes born on a day that is the answer.
    """
    told = headers(on.folder / "real", (asker for _, asker in on.turns()))

    def few() -> Iterator[tuple[Mapping[str, Json], Asker]]:
        return ((on.children[child], asker) for child, asker in on.turns())

    def all_() -> Iterator[tuple[Mapping[str, Json], Asker]]:
        return ((any_child[at], asker) for at, asker in turns(len(any_child), len(any_child)))

    return {
        "who works with a child, 500 children": (asked("child", few(), told), '"dateOfBirth":"'),
        "who works with a child, any child": (asked("child", all_(), told), '"child":{'),
        "name and birthday, 500 children": (asked("find", few(), told), '"findChildren":{'),
        "name and birthday, any child": (asked("find", all_(), told), '"findChildren":{'),
        "a hundred representations": (entities(few(), told), '"_entities":['),
    }
