"""Every port of the pipeline, scripted: rows by type, faults by event, and what happened in which order."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pytest

from audit.event import confided, encode, opened
from resolvers.decide import Decisions
from resolvers.model import Access, Account, Answer, Ask, Entry, Row, SearchRules
from resolvers.pipeline import Pipeline
from resolvers.ports import Reading, Verdict
from resolvers.refusals import Refusal
from resolvers.tree import Statement
from schema.catalogue import CATALOGUE
from tests.fakes import REVISION, account, pipeline

ACCESS = Access("coordinate-services", "a meeting", client="portal")
CHILD = 'query Q { child(id: "c") { number gender access { withheld { field reason } } } }'
CLASSES = MappingProxyType({name: {"k": {"x": "k"}} for name in CATALOGUE})


def row(type_name: str, record_id: str, **values: Any) -> Row:
    """A record's row: values by name, and links by the place they have in this plan."""
    record = CATALOGUE[type_name]
    return ["k", record_id, *(values.get(name) for name in record.values), *values.get("links", ())]


@dataclass
class World:
    """Every port, and what happened in which order.

    Attributes:
        rows: what each part of a statement finds, by the type of its records.
        faults: for each event, what happens instead of it.
        versions: how often a read finds the account changed.
        schema: whether policy lets the schema be read.
    """

    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    faults: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    versions: int = 0
    schema: bool = True
    gate: Callable[[Mapping[str, Any]], list[str]] = lambda _: []
    who: Account = field(default_factory=lambda: account("a"))
    events: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    async def _event(self, name: str) -> None:
        self.events.append(name)
        if name in self.faults:
            await self.faults[name]()

    async def account(self, _id: str) -> Account | None:
        """The facts of the account."""
        await self._event("account")
        return self.who

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        """The rows of each part."""
        await self._event("read")
        self.readings.append(reading)
        if self.versions:
            self.versions -= 1
            return None
        return [self.rows.get(part.root.type, []) for part in statement.parts]

    async def revision(self) -> str:
        """The revision in force."""
        await self._event("revision")
        return REVISION

    async def decide(self, asked: Mapping[str, Any]) -> Verdict:
        """A decision that opens everything but the gender."""
        await self._event("decide")
        refusals = self.gate(asked["account"])
        told = {"allowed": not refusals, "refusals": refusals, "capacity": {"schema": self.schema}, "grants": {}}
        if not refusals:
            told["grants"] = {ref: _grant(each["type"]) for ref, each in asked["classes"].items()}
        return Verdict(told, REVISION)

    async def record(self, entry: Entry) -> str:
        """Append an entry, as it would be encoded."""
        await self._event("record")
        encode({**opened(entry), **confided(entry)})
        self.entries.append(entry)
        return entry.receipt

    @property
    def pipeline(self) -> Pipeline:
        """The real pipeline over these ports; each time with cold caches."""
        return replace(
            pipeline(self, reader=self),  # type: ignore[arg-type]
            decisions=Decisions(self, CLASSES),
            search=SearchRules((frozenset({"familyName", "dateOfBirth"}),), 2),
            representations=100,
        )

    async def ask(self, text: str = CHILD, variables: Mapping[str, Any] | None = None, **stated: Any) -> Answer:
        """Ask once."""
        return await self.pipeline.answer(Ask(text, None, variables or {}), "a", replace(ACCESS, **stated))

    async def refused(self, text: str = CHILD, variables: Mapping[str, Any] | None = None) -> Entry:
        """The one record of an operation that must be refused; the refusal carries its receipt."""
        with pytest.raises(Refusal) as caught:
            await self.ask(text, variables)
        (entry,) = self.entries
        assert (caught.value.codes, caught.value.receipt) == (entry.codes, entry.receipt)
        assert entry.disclosed == ()
        return entry


def _grant(type_name: str) -> dict[str, Any]:
    opened = [name for name in CATALOGUE[type_name].fields if name != "gender"]
    searchable = ["familyName", "givenName", "dateOfBirth"]
    return {"visible": True, "open": opened, "withheld": {"gender": "ROLE"}, "searchable": searchable, "contact": None}


def failing(failure: BaseException) -> Callable[[], Awaitable[None]]:
    """Something that fails."""

    async def fail() -> None:
        raise failure

    return fail


def one_child() -> World:
    """A world with one child."""
    return World(rows={"Child": [row("Child", "c", number="N1")]})
