"""Runs the trials: for each guard, grants in which only it decides, and the operations that pass it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial

from neo4j import AsyncDriver

from resolvers.grants import CLOSED, ClassGrant
from resolvers.model import SearchRules
from resolvers.refusals import Refusal
from tests.generative.grants import Table, everything, granted
from tests.generative.harness import Case
from tests.guards.mutants import Guard, noted, without
from tests.guards.pool import Asking, pool
from tests.guards.world import ACCOUNT
from tests.judge.world import World

RULES = SearchRules((frozenset({"familyName"}),), 20)


@dataclass(frozen=True)
class Trial:
    """The outcome of one trial: what was taken out, and the operation that noticed, or None."""

    taken: str
    noticed: str | None


class DisagreementError(AssertionError):
    """The untouched pipeline and the judge disagree, so that no trial means anything."""


@dataclass
class Proof:
    """The trials on one database, which holds the world."""

    driver: AsyncDriver
    world: World

    def __post_init__(self) -> None:
        self.pool = pool(self.world)

    def case(self, asking: Asking, table: Table) -> Case:
        """An operation of the pool under given grants."""
        return Case(self.world, ACCOUNT, table, asking.text, asking.variables, RULES)

    async def differs(self, case: Case) -> bool:
        """Whether the pipeline and the judge differ, in what is answered or in whether it is answered."""
        try:
            answer, _ = await case.answer(self.driver)
        except Refusal:
            return True
        return answer.data != case.judgement().data

    async def notice(
        self, taken: str, change: Callable[[], AbstractContextManager[None]], askings: list[Asking], tables: list[Table]
    ) -> Trial:
        """Try the operations under each of the grants until one notices the change."""
        for asking in askings:
            for table in tables:
                case = self.case(asking, table)
                if await self.differs(case):
                    raise DisagreementError(f"{asking.name} without {taken}")
                with change():
                    if await self.differs(case):
                        return Trial(taken, asking.name)
        return Trial(taken, None)

    async def guards(self) -> dict[Guard, list[Asking]]:
        """Every guard that the pool's statements hold, with the operations that pass it."""
        found: dict[Guard, list[Asking]] = {}
        for asking in self.pool:
            met: set[Guard] = set()
            with noted(met):
                await self.case(asking, everything()).answer(self.driver)
            for guard in met:
                found.setdefault(guard, []).append(asking)
        return dict(sorted(found.items()))

    async def guard_trials(self) -> AsyncIterator[Trial]:
        """Take out each guard."""
        for guard, askings in (await self.guards()).items():
            if guard.site != " involvement":  # behind a cut: see conditions.stage_trials
                yield await self.notice(guard.told, partial(without, guard), askings, [closing(guard)])


def closing(guard: Guard) -> Table:
    """Everything open but for what one guard looks at."""
    table = everything()
    for key, grant in table[guard.type].items():
        table[guard.type][key] = CLOSED if guard.kind == "visible" else without_field(guard.type, grant, guard.field)
    return table


def without_field(type_name: str, grant: ClassGrant, field: str) -> ClassGrant:
    """A grant that withholds one field more."""
    return granted(type_name, grant.open - {field}, searchable=grant.searchable)


def closing_classes(type_name: str, closed: Callable[[list[str]], bool]) -> Table:
    """Everything open but for some classes of a type."""
    table = everything()
    for key in table[type_name]:
        if closed(key.split("|")):
            table[type_name][key] = CLOSED
    return table


def not_searchable(field: str) -> Table:
    """Everything open, and a field that may be seen but not searched by."""
    table = everything()
    for key, grant in table["Child"].items():
        table["Child"][key] = replace(grant, searchable=grant.searchable - {field})
    return table
