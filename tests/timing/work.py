"""What one operation costs: statements, questions to the policy, entries in the audit stream, and on Neo4j its hits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from neo4j import AsyncDriver

from bench.growth.hits import walk
from gateway.policy.files import PolicyFiles
from gateway.policy.rego import RegoDecider
from graph.reader import GraphReader
from graph.unlogged import UnloggedText
from resolvers.accounts import Accounts
from resolvers.decide import Decisions
from resolvers.model import Access, Ask
from resolvers.pipeline import Pipeline
from resolvers.ports import Decider, Verdict
from schema.operations import OPERATIONS
from tests.fakes import FakeRecorder, pipeline
from tests.generative.worlds import TODAY


@dataclass(frozen=True)
class Work:
    """What was done for one answer.

    Attributes:
        data: the answer.
        statements: each statement's text, with its parameters but for the identifier asked for.
        questions: how often policy was asked.
        entries: how many entries the audit stream got.
        operators: on Neo4j, each operator that ran, in order.
        hits: on Neo4j, how often the store was touched.
    """

    data: Mapping[str, Any]
    statements: tuple[tuple[str, str], ...]
    questions: int
    entries: int
    operators: tuple[str, ...] = ()
    hits: int = 0


class _Noting(GraphReader):
    """A reader that notes its statements."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver, 60.0)
        self.ran: list[tuple[str, dict[str, Any]]] = []

    async def _run(self, text: UnloggedText, given: dict[str, Any]) -> list[Any]:
        self.ran.append((text, given))
        return await super()._run(text, given)


@dataclass
class _Counting:
    """A policy engine whose questions are counted."""

    decider: Decider
    asked: int = 0

    async def revision(self) -> str:
        """The revision in force."""
        self.asked += 1
        return await self.decider.revision()

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """A decision."""
        self.asked += 1
        return await self.decider.decide(question)


@dataclass
class Worker:
    """The real pipeline on a graph, with every call noted.

    Attributes:
        driver: the graph.
        policies: the real policies.
        profiled: whether the graph tells of its operators.
    """

    driver: AsyncDriver
    policies: PolicyFiles
    profiled: bool
    reader: _Noting = field(init=False)
    decider: _Counting = field(init=False)
    recorder: FakeRecorder = field(default_factory=FakeRecorder)
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.reader, self.decider = _Noting(self.driver), _Counting(RegoDecider(self.policies))
        self.pipeline = replace(
            pipeline(self.recorder),
            accounts=Accounts(self.reader),
            decisions=Decisions(self.decider, self.policies.classes),
            reader=self.reader,
            contacts=self.policies.contacts,
            search=self.policies.search,
            representations=self.policies.representations,
            clock=lambda: datetime.fromisoformat(TODAY).replace(tzinfo=UTC),
        )

    async def work(self, account: str, purpose: str, child: str) -> Work:
        """What it takes to answer an account that asks for a child, everything known having been asked once before."""
        ask, access = Ask(OPERATIONS["child"], None, {"id": child}), Access(purpose, "a test")
        await self.pipeline.answer(ask, account, access)
        self.reader.ran.clear()
        self.recorder.entries.clear()
        self.decider.asked = 0
        answer = await self.pipeline.answer(ask, account, access)
        statements = tuple((text, json.dumps(given).replace(child, "asked")) for text, given in self.reader.ran)
        found = Work(answer.data, statements, self.decider.asked, len(self.recorder.entries))
        return await self._profiled(found) if self.profiled else found

    async def _profiled(self, found: Work) -> Work:
        operators: list[str] = []
        hits = 0
        for text, given in list(self.reader.ran):
            async with self.driver.session() as session:
                summary = await (await session.run("PROFILE " + text, given)).consume()
            for plan in walk(summary.profile):
                operators.append(plan["operatorType"])
                hits += plan.get("dbHits", 0)
        return replace(found, operators=tuple(operators), hits=hits)
