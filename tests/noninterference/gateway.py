"""The whole gateway over one graph, with every call that it makes counted."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from neo4j import AsyncDriver

from gateway.http import graphql_endpoint
from gateway.identity import Authenticator
from gateway.jwks import KeySource
from graph.reader import GraphReader
from resolvers.accounts import Accounts
from resolvers.decide import Decisions
from resolvers.document import Documents
from resolvers.model import Entry, SearchRules
from resolvers.plan import Plans
from resolvers.ports import Decider, Reader, Recorder, Verdict
from resolvers.uses import Uses
from tests.fakes import FakeBill, FakeMeter, FakeRecorder, pipeline
from tests.generative.grants import CLASSES, CONTACTS, Table
from tests.generative.worlds import TODAY
from tests.noninterference.asking import Request
from tests.tokens import AUDIENCE, ISSUER, URL, Publisher, key_set, token

Readers = Callable[[AsyncDriver], Reader]
_KEYS = KeySource(URL, transport=Publisher(key_set("ed-1")))
_DOCUMENTS, _PLANS = Documents(), Plans()


@dataclass(frozen=True)
class Seen:
    """What a client and an onlooker see of one request.

    Attributes:
        status: the status.
        headers: every header, sorted.
        body: the body's bytes, without the receipt.
        calls: how many statements the graph, questions the policy, and entries the audit stream were sent, and what
            was taken from each allowance.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    calls: tuple[tuple[str, int], ...]


@dataclass
class Calls:
    """How often each engine was called, and how much of each allowance was used."""

    made: Counter[str] = field(default_factory=Counter)

    def note(self, engine: str, times: int = 1) -> None:
        """A call, or a use."""
        self.made[engine] += times

    def taken(self) -> tuple[tuple[str, int], ...]:
        """The calls and uses since this was last asked."""
        made, self.made = self.made, Counter()
        return tuple(sorted(made.items()))


@dataclass(frozen=True)
class CountedDriver:
    """A driver whose sessions count the statements that they run."""

    driver: AsyncDriver
    calls: Calls

    @asynccontextmanager
    async def session(self, **settings: Any) -> AsyncIterator[Any]:
        """A session."""
        async with self.driver.session(**settings) as session:
            yield _CountedSession(session, self.calls)


@dataclass(frozen=True)
class _CountedSession:
    session: Any
    calls: Calls

    async def run(self, text: Any, given: Mapping[str, Any]) -> Any:
        self.calls.note("graph")
        return await self.session.run(text, given)


@dataclass(frozen=True)
class CountedDecider:
    """A policy engine whose questions are counted."""

    decider: Decider
    calls: Calls

    async def revision(self) -> str:
        """The revision in force."""
        self.calls.note("policy")
        return await self.decider.revision()

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """A decision."""
        self.calls.note("policy")
        return await self.decider.decide(question)


@dataclass(frozen=True)
class CountedRecorder:
    """An audit stream whose entries are counted."""

    recorder: Recorder
    calls: Calls

    async def record(self, entry: Entry) -> str:
        """Append an entry."""
        self.calls.note("audit")
        return await self.recorder.record(entry)


@dataclass(frozen=True)
class CountedMeter:
    """Allowances without end, of which every use is counted."""

    calls: Calls

    def spend(self, account: str, client: str | None, uses: Uses, chances: Uses | None = None) -> FakeBill:  # noqa: ARG002 - a port
        """Take what an operation uses."""
        for use, count in uses.items():
            if use != "documents":  # parsed once for both graphs
                self.calls.note(use, count)
        return FakeBill()


@dataclass(frozen=True)
class TableDecider:
    """A policy that decides by a table of grants and lets everybody in."""

    table: Table

    async def revision(self) -> str:
        """The one revision."""
        return "table"

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """The table's grants for the classes asked about."""
        told = {}
        for ref in question["classes"]:
            type_name, _, key = ref.partition(":")
            grant = self.table[type_name][key]
            lists = {name: sorted(getattr(grant, name)) for name in ("open", "searchable")}
            told[ref] = {"visible": grant.visible, "withheld": grant.withheld, "contact": grant.contact, **lists}
        return Verdict({"allowed": True, "refusals": [], "capacity": {"schema": True}, "grants": told}, "table")


@dataclass(frozen=True)
class Asking:
    """Who asks, under which policy.

    Attributes:
        account: the account that asks.
        purpose: the purpose that every request states.
        decider: the policy.
        rules: the rules of searching.
    """

    account: str
    purpose: str
    decider: Decider
    rules: SearchRules


@dataclass(frozen=True)
class Gateway:
    """A gateway that has served nobody yet: every cache of facts and decisions is cold."""

    client: httpx.AsyncClient
    calls: Calls
    headers: Mapping[str, str]

    async def ask(self, request: Request) -> Seen:
        """Ask, and see."""
        headers = {**self.headers, **request.headers}
        if request.content is None:
            response = await self.client.get("/graphql", params=request.query, headers=headers)
        elif isinstance(request.content, bytes):
            response = await self.client.post("/graphql", content=request.content, headers=headers)
        else:
            response = await self.client.post("/graphql", json=request.content, headers=headers)
        return Seen(
            response.status_code,
            *_without_receipt(response),
            self.calls.taken(),
        )


def _without_receipt(response: httpx.Response) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Headers and body, in both of which the receipt, which nothing can foresee, is blotted out."""
    receipt = orjson.loads(response.content)["extensions"]["access"]["receipt"]
    if not receipt:
        return tuple(sorted(response.headers.items())), response.content
    headers = {name: value.replace(receipt, "receipt") for name, value in response.headers.items()}
    return tuple(sorted(headers.items())), response.content.replace(receipt.encode(), b"receipt")


@asynccontextmanager
async def gateway(
    driver: AsyncDriver, asking: Asking, recorder: Recorder | None = None, readers: Readers | None = None
) -> AsyncIterator[Gateway]:
    """A fresh gateway over what the graph holds now.

    Args:
        driver: the graph.
        asking: who asks, under which policy.
        recorder: the audit stream; one in memory if None.
        readers: what makes the reader; the real one if None.
    """
    calls = Calls()
    reader = (readers or _real)(CountedDriver(driver, calls))  # type: ignore[arg-type]
    whole = replace(
        pipeline(FakeRecorder()),
        documents=_DOCUMENTS,
        plans=_PLANS,
        accounts=Accounts(reader),
        decisions=Decisions(CountedDecider(asking.decider, calls), CLASSES),
        reader=reader,
        meter=CountedMeter(calls),
        recorder=CountedRecorder(recorder or FakeRecorder(), calls),
        contacts=CONTACTS,
        search=asking.rules,
        clock=lambda: datetime.fromisoformat(TODAY).replace(tzinfo=UTC),
    )
    endpoint = graphql_endpoint(whole, Authenticator(_KEYS, ISSUER, AUDIENCE, 5), FakeMeter(), deadline=60.0)
    headers = {
        "authorization": f"Bearer {token(sub=asking.account)}",
        "content-type": "application/json",
        "x-access-purpose": asking.purpose,
        "x-access-reason": "a test",
    }
    transport = httpx.ASGITransport(endpoint)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield Gateway(client, calls, headers)


def _real(driver: AsyncDriver) -> Reader:
    return GraphReader(driver, 60.0)
