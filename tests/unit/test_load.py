"""A rush: what a worker has no room for is refused at once, and told of afterwards, account by account."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.http.load import Load
from gateway.http.negotiate import LEGACY, MODERN
from resolvers.model import Access, Ask
from resolvers.pipeline import Arguments
from resolvers.refusals import Refusal
from tests.edge import codes, edge, signed
from tests.fakes import FakeReader


async def test_a_full_gateway_refuses_at_once() -> None:
    """While as many requests are under way as may be, the next is refused at once, with a hint to retry."""
    release, inside = asyncio.Event(), asyncio.Semaphore(0)

    async def wait() -> None:
        inside.release()
        await release.wait()

    tested = edge(reader=FakeReader(before=wait), most=2)
    under_way = [asyncio.create_task(tested.post({"query": "{ me { id } }"})) for _ in range(2)]
    for _ in under_way:
        await inside.acquire()
    refused = await tested.post({"query": "{ me { id } }"})
    assert (refused.status_code, codes(refused)) == (503, ["OVERLOADED"])
    assert refused.headers["retry-after"]
    release.set()
    assert [response.status_code for response in await asyncio.gather(*under_way)] == [200, 200]
    assert (await tested.post({"query": "{ me { id } }"})).status_code == 200


async def test_a_rush_is_told_when_the_endpoint_closes() -> None:
    """What a full worker refuses is unread and unrecorded at first; by its end, each account's number is recorded."""
    tested = edge(most=0)
    refused = [await tested.post(b"not read, so no mistake") for _ in range(20)]
    assert {(response.status_code, *codes(response)) for response in refused} == {(503, "OVERLOADED")}
    assert {response.json()["extensions"]["access"]["receipt"] for response in refused} == {None}
    assert tested.recorder.entries == []
    await tested.endpoint.aclose()
    (entry,) = tested.recorder.entries
    assert (entry.codes, entry.account, entry.outcome) == (("OVERLOADED",), "account-1", "refused")
    assert dict(entry.arguments) == {"flood": {"turnedAway": {"rush": 20}}}


@pytest.mark.parametrize("accept", [MODERN, LEGACY, "text/html"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_is_refused_in_a_rush_is_told_so_in_their_way(accept: str, method: str) -> None:
    """A rush is refused by whatever method, in the type that is preferred, with the headers of every refusal."""
    tested = edge(most=0)
    told = await tested.client.request(method, "/graphql", headers={**signed(), "accept": accept}, content=b"unread")
    assert (told.status_code, codes(told)) == (503, ["OVERLOADED"])
    assert told.headers["content-type"].startswith(LEGACY if accept == LEGACY else MODERN)
    assert told.headers["cache-control"] == "no-store"


@dataclass
class Records:
    """Refusals that were recorded, while they could be.

    Attributes:
        told: whose, and what of.
        failing: how many records fail before that.
        at_once: how many were under way at once, at most.
    """

    told: list[tuple[str | None, Any]] = field(default_factory=list)
    failing: int = 0
    at_once: int = 0
    under_way: int = 0

    async def refuse(
        self, ask: Ask | None, account_id: str | None, access: Access, refusal: Refusal, arguments: Arguments = ()
    ) -> Refusal:
        """Record a refusal, or fail."""
        assert (ask, access, refusal.code) == (None, Access(None, None), "OVERLOADED")
        self.under_way += 1
        self.at_once = max(self.at_once, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        if self.failing:
            self.failing -= 1
            raise Refusal("AUDIT_UNAVAILABLE")
        self.told.append((account_id, dict(arguments)["flood"]["turnedAway"]["rush"]))
        return refusal


@pytest.mark.parametrize("failing", [0, 1, 5])
async def test_each_refusal_of_a_rush_is_told_once(failing: int) -> None:
    """However many accounts a rush is of, each one's refusals are recorded in all, one record after the other."""
    load = Load(0, records := Records(failing=failing), pause=0)
    for account in [*range(50), *range(25)]:
        assert load.turns_away(f"account-{account}")
    assert load._telling is not None
    await load._telling
    assert sorted(records.told) == sorted([(f"account-{n}", 2 if n < 25 else 1) for n in range(50)])
    assert records.at_once == 1


async def test_a_rush_goes_on_being_told() -> None:
    """What is refused once a rush was told is told as well, each account's in one record for the time."""
    load = Load(0, records := Records(), pause=0)
    for count in (3, 1):
        for _ in range(count):
            load.turns_away("account-1")
        assert load._telling is not None
        await load._telling
    assert records.told == [("account-1", 3), ("account-1", 1)]


async def test_a_worker_that_ends_tells_of_many_at_once() -> None:
    """By a worker's end each account's refusals are recorded together, since they would take too long one by one."""
    load = Load(0, records := Records())
    for account in range(2_000):
        load.turns_away(f"account-{account}")
    await load.aclose()
    assert (len(records.told), sum(load.untold.values())) == (2_000, 0)
    assert records.at_once == 2_000


async def test_a_worker_ends_although_nothing_can_be_recorded() -> None:
    """A worker that stops while the stream is down tries once to tell of its rush, and waits no longer."""
    load = Load(0, records := Records(failing=10))
    load.turns_away("account-1")
    await load.aclose()
    assert (records.told, records.failing, load.untold) == ([], 9, {"account-1": 1})


async def test_a_worker_ends_although_recording_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that stops while a record hangs waits no longer than it may, and nothing is lost from its count."""
    begun = asyncio.Event()

    class Hanging(Records):
        async def refuse(self, *_: Any, **__: Any) -> Refusal:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("gateway.http.load.CLOSING_SECONDS", 0.01)
    load = Load(0, Hanging(), pause=0)
    for account in ("account-1", "account-2", "account-2"):
        load.turns_away(account)
    await begun.wait()
    await load.aclose()
    assert load.untold == {"account-1": 1, "account-2": 2}


async def test_room_is_looked_for_once_more_when_a_body_has_come() -> None:
    """Who is let in and then sends slowly is refused, and told of, if others have taken the room meanwhile."""
    sending, ended, release, inside = (asyncio.Event() for _ in range(4))

    async def slow() -> AsyncIterator[bytes]:
        sending.set()
        await ended.wait()
        yield b'{"query": "{ me { id } }"}'

    async def wait() -> None:
        inside.set()
        await release.wait()

    tested = edge(reader=FakeReader(before=wait), most=1)
    late = asyncio.create_task(
        tested.client.post("/graphql", content=slow(), headers={**signed(), "content-type": "application/json"})
    )
    await sending.wait()
    first = asyncio.create_task(tested.post({"query": "{ me { id } }"}))
    await inside.wait()
    ended.set()
    assert codes(await late) == ["OVERLOADED"]
    assert tested.endpoint.load.untold == {"account-1": 1}
    release.set()
    assert (await first).status_code == 200


async def test_slow_clients_take_nobodys_place() -> None:
    """A request whose body is still on its way holds none of the places of those that can be answered."""
    sending, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        sending.set()
        await ended.wait()
        yield b'{"query": "{ me { id } }"}'

    tested = edge(most=1)
    waiting = asyncio.create_task(
        tested.client.post("/graphql", content=slow(), headers={**signed(), "content-type": "application/json"})
    )
    await sending.wait()
    assert (await tested.post({"query": "{ me { id } }"})).status_code == 200
    ended.set()
    assert (await waiting).status_code == 200
