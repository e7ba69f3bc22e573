"""The growth's populations: imported, each is the one that the seed loads, and is read as cheaply at any size."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from neo4j import AsyncDriver

from bench.graph import driver_of
from bench.growth.files import write
from bench.growth.hits import STRANGER, Touched, counted, same, touched
from bench.growth.importing import completed, imported
from bench.people import Peopled, peopled
from gateway.engines import EngineSet
from gateway.engines.model import Engines
from gateway.folder import settings_of
from gateway.stack import real_engines
from graph.constraints import constrain
from resolvers.model import Access, Ask
from schema.operations import OPERATIONS
from seed.cast import cast_json
from seed.load import load
from tests.conftest import POLICIES, REVISION, empty
from tests.integration.conftest import PATIENCE

PEOPLE, FEWER = peopled(300), peopled(120)
OPEN = cast_json()["children"]["open-child"]
EVERYTHING = "MATCH (n) RETURN labels(n) AS labels, properties(n) AS row"
LINKED = (
    "MATCH (a)-[r]->(b) RETURN type(r) AS type, properties(r) AS row, "
    "coalesce(a.id, [a.code, a.field, a.name]) AS start, coalesce(b.id, '') AS end"
)


@dataclass(frozen=True)
class Told:
    """What a graph holds, and what the gateway says of it.

    Attributes:
        answers: the portal's question about each child, as an account of the bench.
        records: every record, in words, in order.
        links: every relationship, likewise.
    """

    answers: Sequence[Touched]
    records: Sequence[str]
    links: Sequence[str]


async def asked(engines: Engines, data: Path, children: Sequence[str]) -> list[Touched]:
    """The portal's question about each child, on the gateway's own way."""
    settings = settings_of(data, engines, deadline=PATIENCE, planning_share=1.0, planning_account_share=1.0)
    access = Access("coordinate-services", "a test")
    async with driver_of(engines) as driver:
        await counted(driver)
    return [
        await touched(settings, Ask(OPERATIONS["child"], None, {"id": child}), STRANGER, access) for child in children
    ]


async def told(engines: Engines, data: Path, children: Sequence[str]) -> Told:
    """All that a graph holds and says."""
    async with driver_of(engines) as driver:
        await constrain(driver)
        held = [(await driver.execute_query(text)).records for text in (EVERYTHING, LINKED)]
    records, links = (sorted(repr(_ordered(each.data())) for each in rows) for rows in held)
    return Told(await asked(engines, data, children), records, links)


def _ordered(value: Any) -> Any:
    return sorted((name, _ordered(each)) for name, each in value.items()) if isinstance(value, dict) else value


def some(people: Peopled) -> list[str]:
    """The open child of the cast, and a few others."""
    ids = sorted(str(row["id"]) for batch in people.batches() for row in batch.nodes["Child"])
    return [OPEN, *ids[::75]]


@pytest.fixture(name="offline", scope="module")
async def _offline(real: EngineSet, tmp_path_factory: pytest.TempPathFactory) -> Told:  # noqa: ARG001 - skips with it
    data = tmp_path_factory.mktemp("offline")
    await asyncio.to_thread(write, PEOPLE, data / "files", lambda _: None)
    await asyncio.to_thread(imported, data / "stack", data / "files", print)
    with real_engines(data / "stack", print, policies=POLICIES, revision=REVISION) as running:
        async with driver_of(running.engines) as driver:
            await completed(driver)
        return await told(running.engines, data / "stack", some(PEOPLE))


@pytest.fixture(name="driver")
async def _driver(real: EngineSet) -> Any:
    async with driver_of(real.engines) as driver:
        await empty(driver)
        await constrain(driver)
        yield driver
        await empty(driver)


async def test_an_imported_population_is_the_one_that_is_loaded(
    real: EngineSet, offline: Told, driver: AsyncDriver, tmp_path: Path
) -> None:
    """An import gives every record, property and link that a load gives, and the gateway tells the same of them."""
    await load(driver, PEOPLE, lambda *_: None)
    loaded = await told(real.engines, tmp_path, some(PEOPLE))

    assert offline.records == loaded.records
    assert offline.links == loaded.links
    assert [each.answer for each in offline.answers] == [each.answer for each in loaded.answers]
    assert offline.answers[0].answer["child"]["carers"]


async def test_the_child_statement_touches_no_more_of_a_larger_population(
    real: EngineSet, offline: Told, driver: AsyncDriver, tmp_path: Path
) -> None:
    """Reading one child touches the store equally often, operator by operator, in populations of two sizes."""
    await load(driver, FEWER, lambda *_: None)
    (few,) = await asked(real.engines, tmp_path, [OPEN])

    assert few.hits > 0
    same("300 children", offline.answers[0].operators, "120 children", few.operators)
