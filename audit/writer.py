"""Group commit: what concurrent operations record is appended together and shares one sync.

One task appends for a worker, one batch at a time; what comes meanwhile waits for the next. An append that fails may
yet have been written, or be written late. So its answers are withheld, and the worker looks where its segment ends
before it goes on. Its next entry names those whose answers were withheld, or none, and nothing late fits behind that
one. A segment that does not end where it can is given up, which the next segment says.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, repeat
from time import monotonic
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from audit.append import ElsewhereError, append
from audit.chain import Head, Link, Receipt, Signs, chained, new_segment
from audit.event import confided, opened, subjects
from audit.line import Line
from audit.seal import Sealer, SubjectKey
from audit.stream import check_durable, mark
from resolvers.model import Entry
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)

MOST = 64
"""Entries in one batch."""
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
UNCONFIRMED = "the append was not confirmed"
"""Why an answer was withheld although its entry is in the stream."""
CLOSING_SECONDS = 5.0
"""How long a worker that stops goes on trying to write what waits."""


@dataclass(eq=False, slots=True)
class _Ticket:
    """An entry that waits to be written, and whoever waits for its receipt."""

    id: str
    content: Mapping[str, Any]
    receipt: asyncio.Future[str]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Entries in their chain, about to be appended."""

    tickets: tuple[_Ticket, ...]
    links: tuple[Link, ...]
    keys: tuple[SubjectKey, ...]
    before: Head
    after: Head

    def receipts(self) -> Iterator[tuple[_Ticket, Link]]:
        """Each ticket with its entry; only a batch without tickets has anything after them."""
        return zip(self.tickets, self.links[len(self.links) - len(self.tickets) :], strict=True)


class Tally(Protocol):
    """What is told of a writer's work, for the metrics."""

    def confirmed(self, entries: int, seconds: float) -> None:
        """An append of so many entries was confirmed after so many seconds."""

    def withheld(self, answers: int) -> None:
        """So many answers were withheld because their record was not confirmed."""

    def given_up(self) -> None:
        """A segment was given up: entries of it were lost."""


class Untold:
    """Tells nobody."""

    def confirmed(self, entries: int, seconds: float) -> None:
        """An append was confirmed."""

    def withheld(self, answers: int) -> None:
        """Answers were withheld."""

    def given_up(self) -> None:
        """A segment was given up."""


@dataclass(slots=True)
class Writer:
    """Appends entries for one worker. Close it in the end.

    Attributes:
        client: the stream's client.
        signer: the gateway's signing key.
        sealer: seals free text.
        replicas: how many replicas must confirm each append.
        tally: is told what is done.
        clock: the time, with its zone.
        settled: whether it is known where the segment ends; nothing is recorded while it is not.
        pauses: between attempts to reach a stream that is lost or takes no entries, in seconds; the last is repeated.
    """

    client: Redis
    signer: Signs
    sealer: Sealer
    replicas: int = 0
    tally: Tally = field(default_factory=Untold)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    settled: bool = True
    pauses: Sequence[float] = PAUSES
    _line: Line = field(init=False)
    _failures: int = 0
    _closing: bool = False
    _head: Head = field(default_factory=new_segment)
    _waiting: list[_Ticket] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _unsure: list[_Batch] = field(default_factory=list)
    _withheld: dict[int, str] = field(default_factory=dict)
    _after: Mapping[str, Any] | None = None
    _task: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self._line = Line(self.client)

    async def record(self, entry: Entry) -> str:
        """Append an entry; return its receipt when the server has confirmed it on disk.

        Raises:
            Refusal: it may not be on disk, so the answer must not leave.
        """
        if self._closing:
            raise Refusal("AUDIT_UNAVAILABLE")
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        if not self.settled:
            raise Refusal("AUDIT_UNAVAILABLE")
        sealed = self.sealer.seal(entry.receipt, entry.at[:7], subjects(entry), confided(entry))
        ticket = _Ticket(entry.receipt, {**opened(entry), "sealed": sealed}, asyncio.Future())
        self._waiting.append(ticket)
        self._woken.set()
        return await ticket.receipt

    async def close(self) -> None:
        """Write what waits, end the segment, and say so in it."""
        self._closing = True
        if self._task is None:
            return
        self._woken.set()
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await asyncio.wait([self._task])
                await self._commit(self._batch((), last=True))
                while not self.settled:
                    await self._settle()
                    await self._commit(self._batch((), last=True))
        except TimeoutError:
            _log.error("audit: segment %s was not closed", self._head.segment)
        finally:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            if not self.settled:
                await self._settle()
            if self._waiting or self._withheld or self._unsure:
                taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                tickets = tuple(ticket for ticket in taken if not ticket.receipt.done())
                if tickets or self._withheld or self._unsure:
                    await self._append(tickets)
            elif self._closing:
                return
            else:
                await self._woken.wait()
                self._woken.clear()

    async def _append(self, tickets: tuple[_Ticket, ...]) -> None:
        """Append entries; where one cannot be written as JSON, each by itself, so that it is the only one refused."""
        try:
            batch = self._batch(tickets)
        except (TypeError, ValueError) as error:
            if len(tickets) > 1:
                for ticket in tickets:
                    await self._append((ticket,))
                return
            _log.error("audit: %s", type(error).__name__)
            for ticket in tickets:
                ticket.receipt.set_exception(Refusal("AUDIT_UNAVAILABLE"))
            self.tally.withheld(len(tickets))
            return
        await self._commit(batch)

    def _batch(self, tickets: tuple[_Ticket, ...], *, last: bool = False) -> _Batch:
        now = self.clock().isoformat(timespec="milliseconds")
        said: list[tuple[str, Mapping[str, Any]]] = []
        if self._head.n < 0:
            said.append(("opened", {"at": now, "after": self._after}))
        for why, held in _by_reason(self._withheld, uncertain=bool(self._unsure)).items():
            said.append(("withheld", {"at": now, "entries": held, "why": why}))
        said += [("access", ticket.content) for ticket in tickets]
        if last:
            said.append(("closed", {"at": now}))
        head, links = self._head, list[Link]()
        for kind, content in said:
            link, head = chained(head, kind, content, self.signer)
            links.append(link)
        return _Batch(tickets, tuple(links), self.sealer.take(), self._head, head)

    async def _commit(self, batch: _Batch) -> None:
        """Append a batch, and tell those who wait what became of it."""
        begun = monotonic()
        try:
            await append(self._line, batch.before, batch.after, batch.links, batch.keys, replicas=self.replicas)
        except (ResponseError, ElsewhereError) as error:
            self._failed(batch, error)
            return
        except BaseException as error:  # whatever fails, it may have been written
            self._unsure.append(batch)
            self._failed(batch, error)
            if not isinstance(error, Exception):
                raise
            return
        took = monotonic() - begun
        self._written(batch)
        for ticket, link in batch.receipts():
            if ticket.receipt.done():  # whoever waited has gone: the answer never left
                self._withheld[link.n] = "the request had ended"
            else:
                ticket.receipt.set_result(str(Receipt(ticket.id, link.hash, link.signature)))
        self.tally.confirmed(len(batch.tickets), took)

    def _written(self, batch: _Batch) -> None:
        self._head, self._after, self._unsure = batch.after, None, []
        self._withheld, self._failures = {}, 0

    def _failed(self, batch: _Batch, error: BaseException) -> None:
        """Withhold its answers, and those that wait behind it."""
        _log.error("audit: %s", type(error).__name__)
        self.settled = False
        self._failures += 1
        self.sealer.drop(batch.keys)
        held = [ticket for ticket in (*batch.tickets, *self._waiting) if not ticket.receipt.done()]
        for ticket in held:
            ticket.receipt.set_exception(Refusal("AUDIT_UNAVAILABLE"))
        self._waiting.clear()
        self.tally.withheld(len(held))

    async def _settle(self) -> None:
        """Learn where the segment ends, and go on from there; or give it up and begin another."""
        if self._failures > 1:  # it can be read there and not written: full, or a replica by now
            await asyncio.sleep(self.pauses[min(self._failures, len(self.pauses)) - 1])
        found = await self._look()
        for batch in self._unsure:
            if found == batch.after.mark:
                self._written(batch)
                self._withheld = dict.fromkeys([link.n for _, link in batch.receipts()], UNCONFIRMED)
                break
        else:
            if found != self._head.mark:
                self._give_up()
        self.settled = True

    async def _look(self) -> bytes:
        for pause in chain(self.pauses, repeat(self.pauses[-1])):
            try:
                await check_durable(self.client)  # it may be another server by now
                return await mark(self.client, self._head.segment)
            except Exception as error:  # noqa: BLE001 - whatever fails, nothing is recorded until this is known
                _log.error("audit: %s", type(error).__name__)
            await asyncio.sleep(pause)
        raise AssertionError  # the pauses have no end

    def _give_up(self) -> None:
        lost = self._head
        _log.error("audit: segment %s does not end in the stream at %d: it is given up", lost.segment, lost.n)
        why = "it did not end in the stream where it was left: entries were lost"
        self._after = {"segment": lost.segment, "n": lost.n, "hash": lost.hash.hex(), "why": why}
        self._head, self._unsure, self._withheld = new_segment(), [], {}
        self.tally.given_up()


def _by_reason(withheld: Mapping[int, str], *, uncertain: bool) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {UNCONFIRMED: []} if uncertain else {}
    for n, why in withheld.items():
        found.setdefault(why, []).append(n)
    return found
