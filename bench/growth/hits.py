"""How often one question touches the store, operator by operator, as Neo4j's PROFILE tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from neo4j import AsyncDriver

from bench.model import BenchError, Json
from bench.people import ASKERS
from gateway.services import services
from gateway.settings import Settings
from graph.compile import compile_statement
from graph.parameters import alone
from resolvers.model import Access, Account, Ask, Row
from resolvers.ports import Reader, Reading
from resolvers.tree import Statement

_SHOWN = 80
_COUNTING = 600


STRANGER = ASKERS[1].id
"""Who asks: of a council that does not work with the child. How soon a tie is found would follow the order of links."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a plan.

    Attributes:
        name: what it does, such as "Expand(All)".
        hits: how often it touches the store.
        on: what it works on, as far as a message needs; Neo4j numbers its variables anew each time it plans.
    """

    name: str
    hits: int
    on: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Touched:
    """One question with its answer.

    Attributes:
        answer: the data of the answer.
        operators: those of all its statements, in order.
    """

    answer: Json
    operators: tuple[Operator, ...]

    @property
    def hits(self) -> int:
        """How often the question touches the store."""
        return sum(each.hits for each in self.operators)


@dataclass(frozen=True)
class _Noting:
    """A reader that notes what is read."""

    inner: Reader
    read_so_far: list[tuple[Statement, Reading]] = field(default_factory=list)

    async def account(self, account_id: str) -> Account | None:
        return await self.inner.account(account_id)

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        self.read_so_far.append((statement, reading))
        return await self.inner.read(statement, reading)


async def counted(driver: AsyncDriver) -> None:
    """Have Neo4j count what it holds and forget its plans: else one made for an emptier graph could be in use."""
    await driver.execute_query("CALL db.prepareForReplanning($seconds)", seconds=_COUNTING)


async def touched(settings: Settings, ask: Ask, account: str, access: Access) -> Touched:
    """Ask on the gateway's own way from the policy in force to the record, then profile each statement that it read.

    Raises:
        Refusal: it is not answered.
    """
    async with services(settings) as parts:
        pipeline = await parts.pipeline.current()
        noting = _Noting(pipeline.reader)
        answer = await replace(pipeline, reader=noting).answer(ask, account, access)
        operators = [each for asked in noting.read_so_far for each in await _profiled(parts.driver, *asked)]
        return Touched(answer.data, tuple(operators))


async def _profiled(driver: AsyncDriver, statement: Statement, reading: Reading) -> list[Operator]:
    text = compile_statement(statement, statement.kinds(reading.inputs), reading.other is not None)
    async with driver.session(default_access_mode="READ") as session:
        summary = await (await session.run(f"PROFILE {text}", alone(statement, reading))).consume()
    return [_operator(plan) for plan in walk(summary.profile)]


def _operator(plan: Mapping[str, Any]) -> Operator:
    details = " ".join(plan.get("args", {}).get("Details", "").split())
    return Operator(plan["operatorType"].partition("@")[0], plan.get("dbHits", 0), details[:_SHOWN])


def walk(plan: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """Every operator of a plan as Neo4j tells it, the topmost first."""
    if plan is not None:
        yield plan
        for child in plan.get("children", ()):
            yield from walk(child)


def same(at: str, operators: Sequence[Operator], than: str, others: Sequence[Operator]) -> None:
    """Make sure that a question touches the store as often in one population as in another.

    Args:
        at: which population it is, in words.
        operators: what was seen there.
        than: which population it is compared with.
        others: what was seen there.

    Raises:
        BenchError: it does not; the message names the first operator that differs.
    """
    for number, (one, other) in enumerate(zip(operators, others, strict=False), 1):
        if one != other:
            raise BenchError(
                f"With {at}, operator {number} of the child statement is {_told(one)}; with {than}, {_told(other)}. "
                "Compare the two plans (PROFILE): something is read whose number grows with the population."
            )
    if len(operators) != len(others):
        raise BenchError(
            f"With {at} the child statement has {len(operators)} operators, with {than} {len(others)}: "
            "Neo4j planned it differently. Compare the two plans (EXPLAIN)."
        )


def _told(one: Operator) -> str:
    return f"{one.name} with {one.hits:,} hits ({one.on})"
