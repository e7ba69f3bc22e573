"""What the core needs from outside. Each port fails with a ``Refusal``: nothing else crosses it."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from resolvers.grants import Grants
from resolvers.model import Account, Entry, Row, Shown
from resolvers.refusals import Refusal
from resolvers.tree import Statement
from resolvers.uses import Uses


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy's whole answer and the revision that gave it."""

    decision: Mapping[str, Any]
    revision: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a statement is read with.

    Attributes:
        grants: what may be read.
        account: who asks, at the version that was decided on.
        other: whom they ask for, likewise; None where they ask for themselves.
        today: the date, ISO 8601.
        inputs: for each part, by number, the ids to start from, or what a search was given.
        limit: one more than a search may show.
        arguments: the bound arguments of each node that takes any, by the node's identity.
    """

    grants: Grants
    account: Account
    other: Account | None
    today: str
    inputs: Mapping[int, Sequence[str] | Mapping[str, Any]]
    limit: int
    arguments: Mapping[int, Mapping[str, Any]]


class Decider(Protocol):
    """The policy engine."""

    async def revision(self) -> str:
        """The revision in force.

        Raises:
            Refusal: it cannot be confirmed for this second.
        """

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """Ask the one entrypoint.

        Raises:
            Refusal: no decision could be had.
        """


class Reader(Protocol):
    """The graph."""

    async def account(self, account_id: str) -> Account | None:
        """The facts of an account; None where there is none.

        Raises:
            Refusal: the graph does not answer.
        """

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        """The rows of each part, or None if an account or its organisation is no longer at the known version.

        Raises:
            Refusal: the graph does not answer.
        """


class Watch(Protocol):
    """One operation, as a candidate policy decides it beside the one in force. It never waits and never fails."""

    def answered(self, shown: Sequence[Shown], grants: Grants) -> Mapping[str, Any] | None:
        """What of an answer the candidate would have done otherwise, for the record; None where there is none."""

    def refused(self, refusal: Refusal) -> Mapping[str, Any] | None:
        """The same of a refusal."""


class Shadow(Protocol):
    """The candidate policy, whose decisions are compared and never used."""

    def watch(self, asked: Mapping[str, Any], *, introspects: bool) -> Watch:
        """Have the candidate begin to decide. It never waits and never fails.

        Args:
            asked: what ``question`` made of the account and the access.
            introspects: whether the operation asks about the schema.
        """


class Bill(Protocol):
    """What is being counted. It is awaited before anything is shown.

    Attributes:
        ample: whether so much is left, as far as is known, that what it pays for may begin meanwhile.
    """

    @property
    def ample(self) -> bool: ...  # noqa: D102 - told above

    def __await__(self) -> Generator[Any, Any, None]:
        """Wait for the counts.

        Raises:
            Refusal: an allowance is used up, or it cannot be counted.
        """


class Meter(Protocol):
    """The allowances of accounts and clients."""

    def spend(self, account: str, client: str | None, uses: Uses, chances: Uses | None = None) -> Bill:
        """Begin to take what an operation uses, if something is left of what it may turn out to use besides."""


class Recorder(Protocol):
    """The audit stream."""

    async def record(self, entry: Entry) -> str:
        """Append an entry; return its receipt when it is durable.

        Raises:
            Refusal: it may not be durable.
        """
