"""The real pipeline with grants from a table, a real reader and a recorder in memory; and the judge beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from neo4j import AsyncDriver

from graph.reader import GraphReader
from resolvers.accounts import Accounts
from resolvers.document import Documents
from resolvers.grants import Grants
from resolvers.mediation import both
from resolvers.model import Access, Answer, Ask, Entry, SearchRules
from resolvers.pipeline import Pipeline
from resolvers.plan import Plans
from resolvers.ports import Reader, Shadow
from resolvers.shadow import UNSHADOWED
from tests.fakes import FakeMeter
from tests.generative.grants import CLASSES, CONTACTS, Table
from tests.generative.worlds import TODAY
from tests.judge.answer import Judge, Judgement, decides, decides_both, noted_of
from tests.judge.classes import principal_of
from tests.judge.world import World

ATTRIBUTES = {name: tuple(next(iter(keys.values()))) for name, keys in CLASSES.items()}
"""The names of each type's attributes, in the order of its class keys."""
ACCESS = Access(purpose="safeguarding", reason="a test")
RULES = SearchRules((frozenset({"familyName", "dateOfBirth"}), frozenset({"familyName", "postcode"})), 1)


@dataclass(frozen=True)
class FixedDecisions:
    """Grants from a table, the same for all who come with these decisions."""

    table: Table
    theirs: Table | None = None

    async def decide(self, _asked: Mapping[str, Any], access: Access) -> Grants:
        """The table's; in a mediated request, what both people's open."""
        return self._both if access.mediated else self._mine

    @cached_property
    def _mine(self) -> Grants:
        return Grants("fixed", self.table)

    @cached_property
    def _both(self) -> Grants:
        assert self.theirs is not None
        return both(self._mine, Grants("fixed", self.theirs), ATTRIBUTES)


@dataclass
class Memory:
    """A recorder that keeps what it is given."""

    entries: list[Entry] = field(default_factory=list)

    async def record(self, entry: Entry) -> str:
        """Keep an entry."""
        self.entries.append(entry)
        return entry.receipt


@dataclass(frozen=True)
class Case:
    """One operation by one account on one world, under given grants."""

    world: World
    account: str
    table: Table
    text: str
    variables: Mapping[str, Any]
    rules: SearchRules = RULES
    access: Access = ACCESS
    other: str | None = None
    theirs: Table | None = None

    def judgement(self) -> Judgement:
        """What the judge says."""
        me = principal_of(self.world, self.account, TODAY)
        if self.other is None or self.theirs is None:
            return Judge(self.world, me, decides(self.table), self.rules, CONTACTS).judge(self.text, self.variables)
        you = (principal_of(self.world, self.other, TODAY), ATTRIBUTES)
        together = decides_both(self.table, self.theirs)
        return Judge(self.world, me, together, self.rules, CONTACTS, you).judge(self.text, self.variables)

    @property
    def _stated(self) -> Access:
        return replace(self.access, mediated=True, on_behalf_of=self.other) if self.other else self.access

    async def answer(
        self,
        driver: AsyncDriver,
        decisions: Any = None,
        reader: Reader | None = None,
        shadow: Shadow = UNSHADOWED,
    ) -> tuple[Answer, Entry]:
        """What the pipeline says, and what it recorded.

        Raises:
            Refusal: it refuses.
        """
        memory, reader = Memory(), reader or GraphReader(driver, 60.0)
        pipeline = Pipeline(
            meter=FakeMeter(),
            documents=_DOCUMENTS,
            plans=_PLANS,
            accounts=Accounts(reader),
            decisions=decisions or FixedDecisions(self.table, self.theirs),  # type: ignore[arg-type]
            reader=reader,
            recorder=memory,
            contacts=CONTACTS,
            search=self.rules,
            representations=100,
            shadow=shadow,
            clock=lambda: datetime.fromisoformat(TODAY).replace(tzinfo=UTC),
        )
        answer = await pipeline.answer(Ask(self.text, None, self.variables), self.account, self._stated)
        (entry,) = memory.entries
        return answer, entry


_DOCUMENTS, _PLANS = Documents(), Plans()


async def agree(
    driver: AsyncDriver, case: Case, reader: Reader | None = None, decisions: FixedDecisions | None = None
) -> None:
    """Hold the pipeline's answer and its record to the judge's."""
    expected = case.judgement()
    answer, entry = await case.answer(driver, decisions, reader)
    assert json.dumps(answer.data, indent=1) == json.dumps(expected.data, indent=1)
    assert noted_of(entry.disclosed) == expected.noted
