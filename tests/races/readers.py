"""Uncleared readers through the real reader, statements and policy; and what each of them must never see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from graphql.execution.values import VariableValues
from neo4j import AsyncDriver

from gateway.policy.files import read_policies
from gateway.policy.rego import RegoDecider
from graph.reader import GraphReader
from resolvers.decide import Decisions, question
from resolvers.document import Documents
from resolvers.grants import Grants
from resolvers.model import Access, Account, Row, SearchRules
from resolvers.plan import Plans
from resolvers.read import Rows, read
from resolvers.rows import rows_by_node
from resolvers.tree import Plan
from schema.operations import OPERATIONS
from tests.races.drain import Reads
from tests.races.families import ACCOUNT, MARK, SURNAME, Family, schools

_FROM_SCHOOL = "query ($id: ID!) { service(id: $id) { id involvements { id child { id } } } }"
_ACCESS = Access("safeguarding", "team around the child meeting")
_ANYBODY = SearchRules((), 10_000)
_NO_VARIABLES = VariableValues({}, {})
_TIMEOUT = 60.0
_CHILDREN = 24
"""Children in one read."""


@dataclass(frozen=True)
class Leak:
    """A protected value that was seen: how it was asked for, and its text."""

    by: str
    seen: str


@dataclass
class Tally:
    """What readers have seen.

    Attributes:
        reads: statements answered.
        rows: records answered.
        open_rows: children whose address was answered: without them nothing is proved.
        leaks: what should not have been seen.
    """

    reads: int = 0
    rows: int = 0
    open_rows: int = 0
    leaks: list[Leak] = field(default_factory=list)


@dataclass
class Asker:
    """Somebody without clearance, with the real policy's grants; asks in three ways."""

    reader: GraphReader
    account: Account
    grants: Grants
    plans: dict[str, Plan]
    reads: Reads
    tally: Tally

    async def child(self, families: Sequence[Family], r: Random) -> None:
        """The portal's own operation on some children."""
        chosen = r.sample(families, min(len(families), _CHILDREN // 2))
        ids = [family.id(role) for family in chosen for role in ("child", "sibling")]
        found = await self._read("child", ids)
        for node, rows in rows_by_node(self.plans["child"].parts[0].root, found.results[0]):
            self.tally.rows += len(rows)
            if node.type == "Child":
                self.tally.open_rows += sum(row[node.record.column["address"]] is not None for row in rows)
        self._judge("child", [text for text in _texts(found.results[0]) if text.startswith(MARK)])

    async def search(self, postcode: str) -> None:
        """A search by a postcode that only hidden families have: nobody may be found."""
        found = await self._read("find", {"familyName": SURNAME, "postcode": postcode})
        self._judge("search", [f"{row[1]} by {postcode}" for row in found.results[0]])

    async def school(self, r: Random) -> None:
        """The children of a school that only hidden families go to: nobody may be found."""
        school = r.choice([school for school in schools() if MARK in school])
        found = await self._read("school", [school])
        for node, rows in rows_by_node(self.plans["school"].parts[0].root, found.results[0]):
            if node.type == "Involvement":
                self._judge("school", [f"{row[1]} at {school}" for row in rows])

    async def _read(self, name: str, given: Any) -> Rows:
        plan = self.plans[name]
        with self.reads.one():
            found = await read(
                self.reader, plan, _NO_VARIABLES, {0: given}, self.grants, self.account, None, _today(), _ANYBODY
            )
        assert found is not None
        self.tally.reads += 1
        return found

    def _judge(self, by: str, seen: list[str]) -> None:
        self.tally.leaks += [Leak(by, text) for text in seen]


async def asker(driver: AsyncDriver, reads: Reads) -> Asker:
    """The account of the families' world, and what the real policy grants it."""
    parsed, plans = Documents(), Plans()
    texts = {"child": OPERATIONS["child"], "find": OPERATIONS["find"], "school": _FROM_SCHOOL}
    planned = {name: plans.plan(parsed.operation(text, None), _NO_VARIABLES) for name, text in texts.items()}
    reader = GraphReader(driver, _TIMEOUT)
    account = await reader.account(ACCOUNT)
    assert account is not None
    policies = read_policies(Path(__file__).parents[2] / "policies")
    decisions = Decisions(RegoDecider(policies), policies.classes)
    grants = await decisions.decide(question(account, _ACCESS, _today()), _ACCESS)
    return Asker(reader, account, grants, planned, reads, Tally())


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _texts(value: Row | Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
