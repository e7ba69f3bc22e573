"""Walking through what could be: bounded by policy's own allowances, counted in Redis, and recorded step by step."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateway.engines import EngineSet
from gateway.meter import Meter
from gateway.policy.files import read_policies
from gateway.settings import ROOT
from resolvers.model import Access, Ask
from resolvers.refusals import Refusal
from tests.fakes import FakeMeter, FakeReader, FakeRecorder, pipeline

pytestmark = pytest.mark.anyio
POLICIES = read_policies(ROOT / "policies")
ALLOWED = POLICIES.allowances["account"]
FIND = "query($by: ChildSearch!) { findChildren(by: $by) { candidates { id } } }"
CHILD = "query($id: ID!) { child(id: $id) { id } }"
FOUND = [["", "c", *[None] * 20]]


class Full(FakeReader):
    """A graph in which everything that is asked for is found."""

    async def read(self, statement: Any, reading: Any) -> Any:
        """One row for each id or search."""
        return [
            [FOUND[0]] * (len(given) if isinstance(given := reading.inputs[part.number], list) else 1)
            for part in statement.parts
        ]


class Walker:
    """Somebody who asks one thing after another, until refused."""

    def __init__(self, meter: Meter, reader: FakeReader | None = None) -> None:
        self.recorder, self.account = FakeRecorder(), str(uuid4())
        self.line = pipeline(self.recorder, reader=reader, meter=meter)  # type: ignore[arg-type]

    async def ask(self, text: str, **variables: Any) -> Refusal | None:
        """Ask; the refusal, if it is one."""
        try:
            await self.line.answer(Ask(text, None, variables), self.account, Access("identify-needs", "why"))
        except Refusal as refusal:
            return refusal
        return None

    async def walk(self, text: str, steps: list[dict[str, Any]]) -> tuple[int, Refusal]:
        """How many steps were answered before one was refused, and why it was."""
        for number, variables in enumerate(steps):
            if refusal := await self.ask(text, **variables):
                return number, refusal
        raise AssertionError("nothing was refused")


@pytest.fixture(name="meter")
async def _meter(engine_set: EngineSet) -> AsyncIterator[Meter]:
    meter = Meter(engine_set.engines.stream_url, POLICIES.allowances, 5)
    yield meter
    await meter.aclose()


def birthdays(count: int) -> list[dict[str, Any]]:
    """A search for one family name on each of so many days."""
    first = date(2010, 1, 1)
    days = ((first + timedelta(days=number)).isoformat() for number in range(count))
    return [{"by": {"familyName": "Fairbourne", "dateOfBirth": day}} for day in days]


async def test_dates_of_birth_cannot_be_walked(meter: Meter) -> None:
    """Whoever tries one date of birth after another is refused when a day's fruitless ones are over, all recorded."""
    walker, most = Walker(meter), ALLOWED["fruitless"]["most"]
    answered, refusal = await walker.walk(FIND, birthdays(most + 5))
    assert (answered, refusal.code) == (most, "RATE_LIMITED")
    assert [entry.outcome for entry in walker.recorder.entries] == ["answered"] * most + ["refused"]
    told = {json.dumps(entry.arguments) for entry in walker.recorder.entries}
    assert len(told) == most + 1
    hours = ALLOWED["fruitless"]["minutes"] / 60
    assert refusal.retry is not None
    assert (hours - 1) * 3600 < refusal.retry <= hours * 3600


async def test_a_walk_ends_for_what_would_be_found_too(meter: Meter) -> None:
    """When somebody's fruitless searches are used up, a search that would find somebody is refused unread."""
    walker = Walker(meter)
    await walker.walk(FIND, birthdays(ALLOWED["fruitless"]["most"] + 1))

    async def never() -> None:
        raise AssertionError("the graph was read")

    walker.line = pipeline(walker.recorder, reader=FakeReader(before=never), meter=meter)  # type: ignore[arg-type]
    refusal = await walker.ask(FIND, **birthdays(1)[0])
    assert refusal is not None
    assert refusal.code == "RATE_LIMITED"
    assert walker.recorder.last.codes == ("RATE_LIMITED",)


async def test_identifiers_cannot_be_guessed(meter: Meter) -> None:
    """Whoever guesses identifiers is refused after as many unknown ones as policy allows in an hour, all recorded."""
    walker, most = Walker(meter), ALLOWED["unknown"]["most"]
    answered, refusal = await walker.walk(CHILD, [{"id": str(number)} for number in range(most + 5)])
    assert (answered, refusal.code) == (most, "RATE_LIMITED")
    assert [dict(entry.arguments)["child"]["id"] for entry in walker.recorder.entries] == list(
        map(str, range(most + 1))
    )


async def test_an_alias_flood_counts_each_guess(meter: Meter) -> None:
    """A guess under an alias, or in a router's list, counts like one in an operation of its own."""
    for text in (
        "{ " + " ".join(f'a{n}: child(id: "{n}") {{ id }}' for n in range(10)) + " }",
        "{ _entities(representations: ["
        + ", ".join(f'{{__typename: "Child", id: "{n}"}}' for n in range(10))
        + "]) { ... on Child { id } } }",
    ):
        walker = Walker(meter)
        answered, refusal = await walker.walk(text, [{}] * 100)
        assert (answered, refusal.code) == (ALLOWED["unknown"]["most"] // 10, "RATE_LIMITED")
        assert len(walker.recorder.entries) == answered + 1


async def test_who_finds_what_they_ask_for_uses_up_nothing(meter: Meter) -> None:
    """Records and searches that are found leave the allowances for what is not found as they are."""
    walker = Walker(meter, Full())
    for number in range(ALLOWED["unknown"]["most"] + 5):
        assert await walker.ask(CHILD, id=str(number)) is None
    for step in birthdays(ALLOWED["fruitless"]["most"] + 5):
        assert await walker.ask(FIND, **step) is None


async def test_a_search_that_finds_too_many_is_not_fruitless() -> None:
    """A search whose candidates are too many to be shown counts as a search, and not as one without a result."""

    class Crowded(FakeReader):
        async def read(self, statement: Any, reading: Any) -> Any:
            return [FOUND * reading.limit for _ in statement.parts]

    meter = FakeMeter()
    line = pipeline(FakeRecorder(), reader=Crowded(), meter=meter)
    text = "query($by: ChildSearch!) { findChildren(by: $by) { tooMany } }"
    await line.answer(Ask(text, None, birthdays(1)[0]), "a", Access("identify-needs", "why"))
    assert [set(uses) for uses in meter.spent] == [{"documents"}, {"records", "searches", "shapes"}]
