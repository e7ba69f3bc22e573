"""The adapters on both sets of engines: what is read of an account, what the stream keeps, what policy decides."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvloop
from neo4j import AsyncDriver
from redis.asyncio import Redis
from redis.exceptions import RedisError

from audit.stream import ARCHIVE, REQUIRED, STREAM, UnsafeStreamError, check_durable, check_writable, connect, entries
from gateway.engines import EngineSet
from gateway.metrics import archive_lag
from gateway.policy.files import read_policies
from gateway.policy.opa import OpaDecider
from gateway.policy.rego import RegoDecider
from graph.reader import GraphReader
from resolvers.decide import question
from resolvers.grants import question_about
from resolvers.model import Access, Account
from resolvers.refusals import Refusal
from tests.conftest import POLICIES, REVISION
from tests.evidence import confided_in, entry, writer
from tests.fakes import account

pytestmark = pytest.mark.anyio

PREFIX = "adapters-"
PATIENCE = 60.0
UNSAFE = {
    "appendonly": "no",
    "appendfsync": "everysec",
    "no-appendfsync-on-rewrite": "yes",
    "maxmemory-policy": "allkeys-lru",
}


@pytest.fixture(name="stream")
async def _stream(engine_set: EngineSet) -> AsyncIterator[Redis]:
    client = connect(engine_set.engines.stream_url, 5.0)
    yield client
    await client.aclose()


@pytest.mark.parametrize("name", sorted(REQUIRED))
async def test_an_unsafe_server_is_refused_by_name(stream: Redis, name: str) -> None:
    """The running server is accepted; with one unsafe setting it is refused by that setting's name."""
    await check_durable(stream)
    await stream.config_set(name, UNSAFE[name])
    try:
        with pytest.raises(UnsafeStreamError, match=f"has {name} {UNSAFE[name]}, "):
            await check_durable(stream)
    finally:
        await stream.config_set(name, REQUIRED[name])
    await check_durable(stream)


async def test_what_was_recorded_can_be_read(stream: Redis) -> None:
    """A recorded entry is the newest of the stream, whole, older ones come before it, and its reason can be opened."""
    recorder = writer(stream)
    for number in range(3):
        await recorder.record(entry(f"r{number}"))
    assert [found["receipt"] async for found in entries(stream, last=2, follow=False)] == ["r1", "r2"]
    (newest,) = [found async for found in entries(stream, last=1, follow=False)]
    assert newest["records"][0]["withheld"] == {"gender": "ROLE"}
    assert await confided_in(stream, newest) == {"reason": "a call: Zoë", "arguments": []}
    assert [found async for found in entries(stream, last=0, follow=False)] == []


@pytest.mark.parametrize("last", [0, 2])
@pytest.mark.parametrize("patience", [0.5, 5.0])
async def test_following_misses_nothing(engine_set: EngineSet, stream: Redis, last: int, patience: float) -> None:
    """Whoever follows sees the last entries, then each new one in order, however long it waits for one."""
    recorder, follower = writer(stream), connect(engine_set.engines.stream_url, patience)
    for number in range(2):
        await recorder.record(entry(f"old{number}"))
    followed = entries(follower, last=last, follow=True)
    seen = [(await anext(followed))["receipt"] for _ in range(last)]
    assert seen == ["old0", "old1"][:last]
    waiting = asyncio.ensure_future(anext(followed))
    done, _ = await asyncio.wait([waiting], timeout=1.5)  # longer than one wait of the follower
    assert not done
    for number in range(3):
        await recorder.record(entry(f"new{number}"))
    assert [(await waiting)["receipt"], *[(await anext(followed))["receipt"] for _ in range(2)]] == [
        "new0",
        "new1",
        "new2",
    ]
    await followed.aclose()  # type: ignore[attr-defined]
    await follower.aclose()


async def test_an_empty_stream_can_be_followed(stream: Redis) -> None:
    """On an empty stream the very first entry is seen."""
    await stream.delete(STREAM)
    assert [found async for found in entries(stream, last=5, follow=False)] == []
    followed = entries(stream, last=5, follow=True)
    waiting = asyncio.ensure_future(anext(followed))
    await asyncio.wait([waiting], timeout=0.2)
    await writer(stream).record(entry("first"))
    assert (await waiting)["receipt"] == "first"
    await followed.aclose()  # type: ignore[attr-defined]


async def test_the_archive_lag_is_the_age_of_what_it_does_not_hold(stream: Redis) -> None:
    """Without an archive there is no lag; with one it is the age of its oldest unread or unacknowledged entry."""
    assert await archive_lag(stream) is None
    own = writer(stream)
    await own.record(entry("first"))
    raw: Any = stream
    await raw.xgroup_create(STREAM, ARCHIVE, id="0")
    try:
        await asyncio.sleep(0.05)
        assert 0.05 <= (await archive_lag(stream) or 0) < PATIENCE
        ((_, batch),) = await raw.xreadgroup(ARCHIVE, "c", {STREAM: ">"})
        assert (await archive_lag(stream) or 0) >= 0.05
        await raw.xack(STREAM, ARCHIVE, *[position for position, _ in batch])
        assert (await archive_lag(stream) or 0) < 0.05
    finally:
        await raw.xgroup_destroy(STREAM, ARCHIVE)


async def test_a_stream_that_cannot_be_written_records_nothing(engine_set: EngineSet, stream: Redis) -> None:
    """With the stream's key taken by something else, or a wrong password, an entry is refused."""
    await stream.rename(STREAM, f"{STREAM}:aside")
    await stream.set(STREAM, "taken")
    try:
        with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
            await writer(stream).record(entry("r"))
    finally:
        await stream.rename(f"{STREAM}:aside", STREAM)
    stranger = connect(engine_set.engines.stream_url.replace("redis://:", "redis://:x"), 5.0)
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await writer(stranger).record(entry("r"))
    with pytest.raises(RedisError):
        await check_durable(stranger)
    await stranger.aclose()


async def test_a_connection_that_the_server_closed_is_no_failure(stream: Redis) -> None:
    """If the server hangs up between two entries, the next one is recorded once, over a new connection."""
    own = writer(stream)
    await own.record(entry("before"))
    await stream.client_kill_filter(_type="normal", skipme=True)
    await own.record(entry("after"))
    assert [found["receipt"] async for found in entries(stream, last=2, follow=False)] == ["before", "after"]


def test_a_connection_that_was_cut_is_no_failure(engine_set: EngineSet) -> None:
    """Under the gateway's own event loop too, an entry is recorded over a new connection where the old one was cut."""

    async def cut() -> str:
        client = connect(engine_set.engines.stream_url, 5.0)
        own = writer(client)
        await own.record(entry("before"))
        own._line._held._writer.transport.abort()
        receipt = await own.record(entry("after"))
        await own.close()
        await client.aclose()
        return receipt

    assert uvloop.run(cut())


async def test_a_stream_that_takes_no_entry_is_not_ready(stream: Redis) -> None:
    """A server takes entries while it has room and the replicas that are required, and else says that it does not."""
    await check_writable(stream, 0)
    with pytest.raises(RedisError, match="Too few replicas"):
        await check_writable(stream, 1)
    await stream.config_set("maxmemory", "1")
    try:
        with pytest.raises(RedisError, match="maxmemory"):
            await check_writable(stream, 0)
    finally:
        await stream.config_set("maxmemory", "0")
    await check_writable(stream, 0)


WORLD = """
CREATE (l:Organisation {id: $p + 'l', kind: 'LOCAL_AUTHORITY', accredited: true, version: 2})-[:WITHIN]->(l)
CREATE (o:Organisation {id: $p + 'o', kind: 'HEALTH_TRUST', accredited: true, version: 3})-[:WITHIN]->(l)
CREATE (bare:Organisation {id: $p + 'bare', version: 1})
CREATE (p:Practitioner {id: $p + 'p'}), (q:Practitioner {id: $p + 'q'})
CREATE (full:Account {id: $p + 'full', version: 7, roles: ['school-nurse'], suspended: false, trainedOn: '2026-01-01',
  vettedOn: '2026-01-02', vetting: 'enhanced', agreementSignedOn: '2026-01-03'})
CREATE (full)-[:MEMBER_OF]->(o), (full)-[:BELONGS_TO]->(p)
CREATE (empty:Account {id: $p + 'empty', version: 1})-[:MEMBER_OF]->(bare), (empty)-[:BELONGS_TO]->(p)
CREATE (twice:Account {id: $p + 'twice', version: 1})-[:MEMBER_OF]->(o), (twice)-[:BELONGS_TO]->(p)
CREATE (twice)-[:MEMBER_OF]->(l)
CREATE (both:Account {id: $p + 'both', version: 1})-[:MEMBER_OF]->(o), (both)-[:BELONGS_TO]->(p)
CREATE (both)-[:BELONGS_TO]->(q)
CREATE (loose:Account {id: $p + 'loose', version: 1})-[:BELONGS_TO]->(p)
CREATE (nobody:Account {id: $p + 'nobody', version: 1})-[:MEMBER_OF]->(o)
"""


@pytest.fixture(name="reader", scope="module")
async def _reader(graph_driver: AsyncDriver) -> AsyncIterator[GraphReader]:
    """A reader of a graph with accounts in every state."""
    remove = "MATCH (n) WHERE n.id STARTS WITH $p DETACH DELETE n"
    await graph_driver.execute_query(remove, {"p": PREFIX})
    await graph_driver.execute_query(WORLD, {"p": PREFIX})
    yield GraphReader(graph_driver, 60.0)
    await graph_driver.execute_query(remove, {"p": PREFIX})


async def test_the_facts_of_an_account(reader: GraphReader) -> None:
    """Every fact of an account is read as it is stored, and the area is its organisation's authority."""
    assert await reader.account(PREFIX + "full") == Account(
        id=PREFIX + "full",
        version=7,
        roles=("school-nurse",),
        suspended=False,
        trained_on="2026-01-01",
        vetted_on="2026-01-02",
        vetting="enhanced",
        agreement_signed_on="2026-01-03",
        practitioner=PREFIX + "p",
        organisation=PREFIX + "o",
        organisation_version=3,
        organisation_kind="HEALTH_TRUST",
        accredited=True,
        closed=False,
        area=PREFIX + "l",
    )


async def test_what_is_not_known_of_an_account_counts_against_it(reader: GraphReader) -> None:
    """Without facts an account is suspended, its organisation not accredited, and it has no role, date or area."""
    found = await reader.account(PREFIX + "empty")
    assert found is not None
    assert (found.suspended, found.accredited, found.roles, found.area) == (True, False, (), None)
    assert (found.trained_on, found.vetted_on, found.vetting, found.agreement_signed_on) == (None,) * 4


@pytest.mark.parametrize("name", ["twice", "both", "loose", "nobody", "absent", ""])
async def test_an_account_that_is_not_exactly_one_is_nobody(reader: GraphReader, name: str) -> None:
    """With two organisations or practitioners, or none, or no such account, there is nobody."""
    assert await reader.account(PREFIX + name) is None


ACCOUNTS: tuple[dict[str, Any], ...] = (
    {},
    {"roles": ("shielding-officer",)},
    {"roles": ("auditor", "data-manager")},
    {"roles": ("partner-caseworker",), "organisation_kind": "NATIONAL_PARTNER"},
    {"suspended": True, "trained_on": None},
    {"accredited": False, "vetted_on": "2020-01-01"},
    {"roles": ("made-up",)},
)


async def test_policy_decides_alike_on_every_engine(engine_set: EngineSet) -> None:
    """Through the adapters, OPA's server and the rules in process give the same decision and say which revision."""
    files = read_policies(POLICIES)
    in_process = RegoDecider(files)
    classes = question_about(files.classes)
    asked = [
        question(replace(account("a"), **changes), Access(purpose, reason), "2026-03-02")
        | {"classes": {key: told for key, told in classes.items() if told["type"] in types}}
        for changes in ACCOUNTS
        for purpose in ("safeguarding", "audit-review", None)
        for reason in ("a call", None)
        for types in (frozenset(files.classes), frozenset({"Child"}))
    ]
    decided = [await in_process.decide(each) for each in asked]
    assert any(each.decision["allowed"] for each in decided)
    assert not all(each.decision["allowed"] for each in decided)
    assert {each.revision for each in decided} == {await in_process.revision()} == {files.revision}
    if engine_set.engines.opa_url is None:
        return
    async with httpx.AsyncClient(base_url=engine_set.engines.opa_url, timeout=30) as client:
        server = OpaDecider(client)
        assert await server.revision() == REVISION
        for each, expected in zip(asked, decided, strict=True):
            found = await server.decide(each)
            assert found.revision == REVISION
            assert json.dumps(found.decision, sort_keys=True) == json.dumps(expected.decision, sort_keys=True)
