"""Small stand-ins for what the core needs from outside, and a pipeline made of them."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from resolvers.accounts import Accounts
from resolvers.decide import Decisions
from resolvers.document import Documents
from resolvers.model import Account, Entry, Row, SearchRules
from resolvers.pipeline import Pipeline
from resolvers.plan import Plans
from resolvers.ports import Reading, Verdict
from resolvers.refusals import Refusal
from resolvers.tree import Statement

REVISION = "revision-1"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def account(account_id: str) -> Account:
    """A social worker with everything in order."""
    return Account(
        id=account_id,
        version=1,
        roles=("social-worker",),
        suspended=False,
        trained_on="2026-01-05",
        vetted_on="2026-01-05",
        vetting="enhanced",
        agreement_signed_on="2026-01-05",
        practitioner="practitioner-1",
        organisation="organisation-1",
        organisation_version=1,
        organisation_kind="LOCAL_AUTHORITY",
        accredited=True,
        closed=False,
        area="organisation-1",
    )


async def _nothing() -> None:
    """What happens before an ordinary read."""


@dataclass
class FakeReader:
    """A graph with accounts and no other record.

    Attributes:
        before: what happens before each read: it may fail, or never return.
        unknown: accounts that the graph does not have.
    """

    before: Callable[[], Awaitable[None]] = _nothing
    unknown: frozenset[str] = frozenset()

    async def account(self, account_id: str) -> Account | None:
        """The facts of an account."""
        await self.before()
        return None if account_id in self.unknown else account(account_id)

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:  # noqa: ARG002 - a port
        """No row, whatever is asked."""
        return [[] for _ in statement.parts]


@dataclass
class FakeDecider:
    """A policy that opens the gate and no field.

    Attributes:
        refusals: why the gate is closed, if it is.
        schema: whether the schema may be read.
    """

    refusals: tuple[str, ...] = ()
    schema: bool = True

    async def revision(self) -> str:
        """The one revision."""
        return REVISION

    async def decide(self, question: Mapping[str, Any]) -> Verdict:  # noqa: ARG002 - a port
        """The same decision for everybody."""
        capacity = {"roles": ["social-worker"], "purpose": "coordinate-services", "schema": self.schema}
        decision = {"allowed": not self.refusals, "refusals": [*self.refusals], "capacity": capacity, "grants": {}}
        return Verdict(decision, REVISION)


@dataclass
class FakeBill:
    """What was counted at once.

    Attributes:
        failure: what waiting for it fails with, if it fails.
        ample: whether it need not be waited for at first.
        over: by how many each holder is beyond what is allowed.
    """

    failure: Exception | None = None
    ample: bool = True
    over: Mapping[str, int] = field(default_factory=dict)

    def __await__(self) -> Generator[Any, Any, None]:
        """Whether it could be counted, and is allowed."""
        if self.failure or self.over:
            raise self.failure or Refusal("RATE_LIMITED")
        return
        yield

    async def beyond(self) -> Mapping[str, int]:
        """By how many each holder is beyond what is allowed."""
        if self.failure:
            raise self.failure
        return self.over


@dataclass
class FakeMeter:
    """Allowances without end.

    Attributes:
        spent: what was spent, in order.
        failure: what counting fails with, if it fails.
        fails: for which account and uses it does.
        most: how many requests each of some kinds of name may send.
        requests: how many each name has sent.
        ample: whether much was left when last heard.
    """

    most: Mapping[str, int] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    spent: list[Mapping[str, int]] = field(default_factory=list)
    failure: Exception | None = None
    fails: Callable[[str, Mapping[str, int]], bool] = lambda _account, _uses: True
    ample: bool = False

    def spend(
        self,
        account: str,
        client: str | None,  # noqa: ARG002 - a port
        uses: Mapping[str, int],
        chances: Mapping[str, int] | None = None,  # noqa: ARG002 - a port
    ) -> FakeBill:
        """Take what an operation uses."""
        failure = self.failure if self.fails(account, uses) else None
        if not failure:
            self.spent.append(uses)
        return FakeBill(failure, self.ample)

    def request(self, names: Mapping[str, str]) -> FakeBill:
        """Count a request."""
        self.requests.update(names.values())
        over = {holder: self.requests[name] - self.most.get(holder, 10**9) for holder, name in names.items()}
        return FakeBill(self.failure, self.ample, {holder: count for holder, count in over.items() if count > 0})


@dataclass
class FakeRecorder:
    """An audit stream in memory.

    Attributes:
        entries: what was recorded.
        failure: what a record fails with, if it fails.
    """

    entries: list[Entry] = field(default_factory=list)
    failure: Exception | None = None

    async def record(self, entry: Entry) -> str:
        """Append an entry."""
        if self.failure:
            raise self.failure
        self.entries.append(entry)
        return entry.receipt

    @property
    def last(self) -> Entry:
        """The newest entry."""
        return self.entries[-1]


def down() -> FakeRecorder:
    """An audit stream that cannot be written."""
    return FakeRecorder(failure=Refusal("AUDIT_UNAVAILABLE"))


def pipeline(
    recorder: FakeRecorder,
    *,
    reader: FakeReader | None = None,
    decider: FakeDecider | None = None,
    meter: FakeMeter | None = None,
) -> Pipeline:
    """The real pipeline over fakes."""
    graph = reader or FakeReader()
    return Pipeline(
        documents=Documents(),
        plans=Plans(),
        accounts=Accounts(graph),
        decisions=Decisions(decider or FakeDecider(), defaultdict(dict)),
        reader=graph,
        meter=meter or FakeMeter(),
        recorder=recorder,
        contacts={},
        search=SearchRules((frozenset({"familyName", "dateOfBirth"}),), 5),
        representations=100,
        clock=lambda: NOON,
    )
