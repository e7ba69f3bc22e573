"""Leaks on trial: the gateway made leaky on purpose, one way at a time, and how soon the search notices."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from graphql import GraphQLError

from graph import compile as compiler
from graph.compile import compile_statement
from graph.reader import GraphReader
from graph.search import Search
from resolvers.model import Account, Row
from resolvers.ports import Reader, Reading
from resolvers.refusals import Refusal
from resolvers.tree import Statement
from tests.guards.mutants import Guard, _patched, with_attribute, with_text
from tests.noninterference.gateway import CountedDriver, Readers
from tests.noninterference.trials import Effort, Trials
from tests.noninterference.worlds import Field

Change = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Leak:
    """One way to leak.

    Attributes:
        name: what leaks.
        change: what makes the compiler leaky.
        readers: what makes the leaky reader, if the reader leaks.
        aim: the field whose closing makes the leak matter.
    """

    name: str
    change: Change = nullcontext
    readers: Readers | None = None
    aim: Field | None = None


def _without(taken: Callable[[Guard], bool]) -> Change:
    """Compile statements without some guards."""
    return lambda: _patched(lambda guard, text: "true" if taken(guard) else text)


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Compile statements with another function."""
    compile_statement.cache_clear()
    with patch.object(owner, name, value):
        yield
    compile_statement.cache_clear()


def _generous_score(search: Search, _seen: object) -> str:
    return f"reduce(t = 0, h IN {search.hits} | t + h[2])"


_ROW = compiler._row


def _telling_row(node: Any, place: str, seen: Any, ends: Any) -> str:
    """A child's row whose class speaks of her carers' telephones."""
    text = _ROW(node, place, seen, ends)
    if node.type != "Child":
        return text
    known = f"EXISTS {{ ({seen.x})<-[:CARES_FOR]-(rel:Carer) WHERE rel.phone IS NOT NULL }}"
    return f"[CASE WHEN {known} THEN 'shielded|false|none' ELSE {seen.k} END{text[1 + len(seen.k) :]}"


@dataclass(frozen=True)
class _Looking:
    """A reader that looks again for what it did not find, and does something if it is there."""

    driver: CountedDriver
    found: Callable[["_Looking", str], Any]

    @property
    def _reader(self) -> GraphReader:
        return GraphReader(self.driver, 60.0)  # type: ignore[arg-type]

    async def account(self, account_id: str) -> Account | None:
        """The facts of an account."""
        return await self._reader.account(account_id)

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        """The rows."""
        rows = await self._reader.read(statement, reading)
        for part, read in zip(statement.parts, rows or [], strict=False):
            if part.kind == "ids":
                known = {row[1] for row in read}
                for record_id in reading.inputs[part.number]:
                    if record_id not in known and await self._is_there(str(record_id)):
                        await self.found(self, str(record_id))
        return rows

    async def _is_there(self, record_id: str) -> bool:
        async with self.driver.driver.session() as session:
            result = await session.run("MATCH (n {id: $id}) RETURN 1 AS n LIMIT 1", id=record_id)
            return await result.single() is not None


async def _name(_reader: _Looking, record_id: str) -> None:
    raise Refusal("VARIABLES_INVALID", errors=(GraphQLError(f"{record_id} is not for you."),))


async def _ask_again(reader: _Looking, record_id: str) -> None:
    async with reader.driver.session() as session:
        await (await session.run("RETURN $id AS id", {"id": record_id})).consume()


def _looking(found: Callable[[_Looking, str], Any]) -> Readers:
    def made(driver: Any) -> Reader:
        return _Looking(driver, found)

    return made


_SHIELDING = (
    "CASE WHEN coalesce({x}.shielded, false) = true THEN 'shielded' WHEN EXISTS {{ ({x})<-[:CARES_FOR]-(:Carer)"
    "-[:CARES_FOR]->(z:Child) WHERE z.shielded = true }} THEN 'protected' ELSE 'open' END"
)
_BEFORE = r"AS h(x(\d+)_\d+)"

LEAKS: tuple[Leak, ...] = (
    Leak(
        "a list is sorted by a withheld key", _without(lambda g: g.site.endswith(" order")), aim=("Carer", "familyName")
    ),
    Leak(
        "a search goes by a withheld date or address",
        _without(lambda g: g.site == "search" and g.field[0] in "da"),
        aim=("Child", "dateOfBirth"),
    ),
    Leak(
        "a search goes by a withheld name",
        _without(lambda g: g.site == "search" and g.field[0] in "gf"),
        aim=("Child", "formerNames"),
    ),
    Leak("a filter reads a withheld field", _without(lambda g: g.site == "filter"), aim=("Involvement", "kind")),
    Leak(
        "candidates are counted before the guard",
        lambda: with_text(_BEFORE, r"\g<0> ORDER BY \1.id LIMIT $all.limit"),
    ),
    Leak(
        "candidates are ranked by withheld names",
        lambda: _replaced(Search, "score", _generous_score),
        aim=("Child", "formerNames"),
    ),
    Leak(
        "a carer's end of a link is not asked",
        _without(lambda g: g.site == "Child.carers" and g.type == "Carer"),
        aim=("Carer", "children"),
    ),
    Leak(
        "a child's end of an involvement is not asked",
        _without(lambda g: g.site.endswith(" involvement") and g.field == "involvements"),
        aim=("Child", "involvements"),
    ),
    Leak(
        "a lead professional follows a withheld mark",
        _without(lambda g: g.site == "lead" and g.field == "lead"),
        aim=("Involvement", "lead"),
    ),
    Leak("an unknown shield is taken for none", lambda: with_attribute("Child", "shielding", _SHIELDING)),
    Leak(
        "a value is read without its guard",
        _without(lambda g: g.kind == "shows" and g.field == "phone"),
        aim=("Carer", "phone"),
    ),
    Leak("an invisible record is shown", _without(lambda g: g.kind == "visible" and g.site == "Child")),
    Leak(
        "the account of a child speaks of her carers",
        lambda: _replaced(compiler, "_row", _telling_row),
        aim=("Carer", "phone"),
    ),
    Leak("an error names an invisible record", readers=_looking(_name)),
    Leak("an invisible record costs a statement more", readers=_looking(_ask_again)),
)
"""Every leak on trial."""


def aimed(leak: Leak) -> Effort:
    """Where a leak is looked for."""
    modes = ("closing", "closing", "closing", "random", "policy") if leak.aim else ("policy", "random", "closing")
    return Effort(variants=3, directed=20, drawn=0, broken=1, modes=modes, aim=leak.aim)


async def caught_after(tried: Trials, bound: int) -> int | None:
    """How many cases it takes to notice an influence; None if more than the bound."""
    seed = count = 0
    while count < bound:
        async for case in tried.cases(seed):
            count += 1
            if case.differs:
                return count
        seed += 1
    return None
