"""A rush: what a worker has no room for is refused at once, and told of without a record for each request."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.http.load import Load
from gateway.http.negotiate import LEGACY, MODERN
from gateway.http.respond import RECEIPT
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
    assert tested.recorder.last.codes == ("OVERLOADED",)
    release.set()
    assert [response.status_code for response in await asyncio.gather(*under_way)] == [200, 200]
    assert (await tested.post({"query": "{ me { id } }"})).status_code == 200


async def test_a_rush_is_told_without_a_record_for_each_request() -> None:
    """Of what a full worker refuses unread, the first is recorded, the second, the fourth and so on."""
    release, inside = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        inside.set()
        await release.wait()

    tested = edge(reader=FakeReader(before=wait), most=1)
    under_way = asyncio.create_task(tested.post({"query": "{ me { id } }"}))
    await inside.wait()
    refused = [await tested.post(b"not read, so no mistake") for _ in range(20)]
    assert {(response.status_code, *codes(response)) for response in refused} == {(503, "OVERLOADED")}
    told = [dict(entry.arguments)["flood"]["turnedAway"] for entry in tested.recorder.entries]
    assert told == [{"rush": count} for count in (1, 2, 4, 8, 16)]
    release.set()
    assert (await under_way).status_code == 200


@pytest.mark.parametrize("accept", [MODERN, LEGACY, "text/html"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_is_refused_without_a_record_is_told_the_same(accept: str, method: str) -> None:
    """In a rush, the third who is refused hears what the second hears, but for the receipt of a record."""
    tested = edge(most=0)
    told = [
        await tested.client.request(method, "/graphql", headers={**signed(), "accept": accept}, content=b"unread")
        for _ in range(3)
    ]
    second, third = ({**response.json(), "extensions": None} for response in told[1:])
    assert second == third
    assert [bool(response.json()["extensions"]["access"]["receipt"]) for response in told] == [True, True, False]
    heads = [
        {name: value for name, value in each.headers.items() if name not in {RECEIPT, "content-length"}}
        for each in told[1:]
    ]
    assert heads[0] == heads[1]
    assert {each.status_code for each in told} == {503}


def test_a_rush_is_counted_for_each_account_and_minute() -> None:
    """What a worker refuses is counted by account, and anew after a minute even if it never rests."""
    now = [0.0]
    load = Load(0, lambda: now[0])
    for minute in range(3):
        now[0] = 60.0 * minute
        assert [load.turn_away(account) for account in ("a", "b", "a", "a", "b")] == [1, 1, 2, 3, 2]


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
    assert dict(tested.recorder.last.arguments)["flood"]["turnedAway"] == {"rush": 1}
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
