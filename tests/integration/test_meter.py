"""Allowances are counted in Redis, for each account and client, for all workers at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from audit.stream import connect
from gateway.counts import PREFIX, Counts, Use
from gateway.engines import EngineSet
from gateway.meter import Bill, Meter
from resolvers.refusals import Refusal

pytestmark = pytest.mark.anyio
ALLOWED = {
    "account": {"records": {"most": 10, "minutes": 60}, "searches": {"most": 2, "minutes": 60}},
    "client": {"records": {"most": 15, "minutes": 60}},
    "address": {"requests": {"most": 3, "minutes": 60}},
    "everyone": {"requests": {"most": 5, "minutes": 60}},
}


@pytest.fixture(name="meters")
async def _meters(engine_set: EngineSet) -> AsyncIterator[tuple[Meter, Meter]]:
    """Two workers' meters over one Redis."""
    pair = Meter(engine_set.engines.stream_url, ALLOWED, 2), Meter(engine_set.engines.stream_url, ALLOWED, 2)
    yield pair
    for meter in pair:
        await meter.aclose()


async def allowed(meter: Meter, account: str, client: str, **uses: int) -> bool:
    """Whether the uses are within the allowances."""
    try:
        await meter.spend(account, client, uses)
    except Refusal as refusal:
        if refusal.code != "RATE_LIMITED":
            raise
        return False
    return True


async def test_workers_share_what_is_counted(meters: tuple[Meter, Meter]) -> None:
    """However requests spread over workers, exactly as many are allowed as policy says."""
    account, client = str(uuid4()), str(uuid4())
    spent = await asyncio.gather(*(allowed(meters[n % 2], account, client, records=1) for n in range(20)))
    assert sum(spent) == 10


async def test_each_account_has_its_own(meters: tuple[Meter, Meter]) -> None:
    """One account's use takes nothing from another's, but all share their client's allowance."""
    client = str(uuid4())
    assert await allowed(meters[0], str(uuid4()), client, records=10)
    assert await allowed(meters[1], str(uuid4()), client, records=5)
    assert not await allowed(meters[1], str(uuid4()), client, records=1)
    assert await allowed(meters[1], str(uuid4()), str(uuid4()), records=10)


async def test_searches_have_a_tighter_allowance(meters: tuple[Meter, Meter]) -> None:
    """Searches run out before records do, so that dates of birth cannot be walked."""
    account, client = str(uuid4()), str(uuid4())
    spent = [await allowed(meters[0], account, client, records=1, searches=1) for _ in range(3)]
    assert spent == [True, True, False]


async def test_what_cannot_be_counted_is_refused() -> None:
    """Without Redis nothing is allowed."""
    meter = Meter("redis://127.0.0.1:1/0", ALLOWED, 0.5)
    with pytest.raises(Refusal, match="METER_UNAVAILABLE"):
        await meter.spend("account-1", None, {"records": 1})
    await meter.aclose()


async def test_what_is_left_is_asked_for_without_being_taken(meters: tuple[Meter, Meter]) -> None:
    """An operation that may use an allowance is refused only once that is used up, and takes nothing by asking."""
    account = str(uuid4())
    for _ in range(5):
        await meters[0].spend(account, None, {}, {"searches": 1})
    await meters[1].spend(account, None, {"searches": 2})
    with pytest.raises(Refusal, match="RATE_LIMITED") as caught:
        await meters[0].spend(account, None, {}, {"searches": 1})
    assert caught.value.retry is not None
    assert 3500 < caught.value.retry <= 3600


async def test_requests_are_counted_by_whose_they_are(meters: tuple[Meter, Meter]) -> None:
    """Each address has its allowance and all have one together, on all workers; what is beyond them is numbered."""
    here, there, everyone = str(uuid4()), str(uuid4()), str(uuid4())
    counted = [await meters[n % 2].request({"address": here}).beyond() for n in range(5)]
    assert [each.get("address", 0) for each in counted] == [0, 0, 0, 1, 2]
    assert await meters[0].request({"address": there}).beyond() == {}
    both = [await meters[n % 2].request({"address": str(uuid4()), "everyone": everyone}).beyond() for n in range(7)]
    assert both == [{}, {}, {}, {}, {}, {"everyone": 1}, {"everyone": 2}]


async def test_requests_that_cannot_be_counted_are_refused() -> None:
    """Without Redis a request is not even counted, so it is refused as such."""
    meter = Meter("redis://127.0.0.1:1/0", ALLOWED, 0.5)
    with pytest.raises(Refusal, match="METER_UNAVAILABLE"):
        await meter.request({"address": "192.0.2.1"}).beyond()
    await meter.aclose()


async def test_what_policy_does_not_bound_is_free(meters: tuple[Meter, Meter]) -> None:
    """Where policy's table names no allowance, nothing is beyond it."""
    assert await meters[0].request({"account": "somebody"}).beyond() == {}


@pytest.fixture(name="server")
async def _server(engine_set: EngineSet) -> AsyncIterator[Any]:
    client = connect(engine_set.engines.stream_url, 5)
    yield client
    await client.aclose()


async def scripts_run(server: Any) -> int:
    """How many scripts the server has run."""
    stats = await server.info("commandstats")
    return sum(int(stats[name]["calls"]) for name in ("cmdstat_evalsha", "cmdstat_eval") if name in stats)


async def test_what_is_counted_at_once_shares_a_round_trip(meters: tuple[Meter, Meter], server: Any) -> None:
    """The uses of fifty operations at the same time are counted in two scripts, each of them rightly."""
    await meters[0].spend(str(uuid4()), str(uuid4()), {"records": 1})  # so that the script is known
    client, before = str(uuid4()), await scripts_run(server)
    spent = await asyncio.gather(*(allowed(meters[0], str(uuid4()), client, records=1) for _ in range(50)))
    assert sum(spent) == 15
    assert await scripts_run(server) - before <= 2


async def test_a_request_is_counted_with_what_it_uses(meters: tuple[Meter, Meter], server: Any) -> None:
    """A request and what it uses share a round trip where neither is waited for before the other."""
    await meters[0].spend(str(uuid4()), str(uuid4()), {"records": 1})  # so that the script is known
    address, before = str(uuid4()), await scripts_run(server)
    bills = [meters[0].request({"address": address}), meters[0].spend(str(uuid4()), str(uuid4()), {"records": 1})]
    for bill in bills:
        await bill
    assert await scripts_run(server) - before == 1
    counted = [await meters[1].request({"address": address}).beyond() for _ in range(3)]
    assert counted == [{}, {}, {"address": 1}]


async def test_who_has_little_left_is_waited_for(meters: tuple[Meter, Meter]) -> None:
    """While at most half of an allowance is used, as far as is known, its bills are ample; then no longer."""
    account = str(uuid4())
    bills = []
    for _ in range(7):
        bills.append(meters[0].spend(account, str(uuid4()), {"records": 1}))
        await bills[-1]
    assert [bill.ample for bill in bills] == [True] * 6 + [False]


async def test_what_is_used_up_is_known_to_the_end_of_its_window(meters: tuple[Meter, Meter], server: Any) -> None:
    """In the last moments of a window, when less than half a second is left, it is known that it is used up."""
    address = str(uuid4())
    for _ in range(4):
        await meters[1].request({"address": address}).beyond()
    await server.pexpire(f"{PREFIX}:address:requests:{address}", 400)
    await meters[0].request({"address": address}).beyond()
    assert not meters[0].request({"address": address}).ample


async def test_much_at_once_is_waited_for(meters: tuple[Meter, Meter]) -> None:
    """An operation that uses more than half of an allowance by itself is counted before anything is read for it."""
    assert [meters[0].spend(str(uuid4()), str(uuid4()), {"records": count}).ample for count in (5, 6)] == [True, False]


async def test_what_may_be_used_is_known_before_it_is_relied_on(meters: tuple[Meter, Meter]) -> None:
    """What an operation may turn out to use is ample only if the worker has heard so in this window."""
    account, client = str(uuid4()), str(uuid4())
    ample = []
    for _ in range(2):
        bill = meters[0].spend(account, client, {}, {"searches": 1})
        ample.append(bill.ample)
        await bill
    assert ample == [False, True]
    await meters[1].spend(account, client, {"searches": 2})
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await meters[0].spend(account, client, {}, {"searches": 1})


async def test_of_nothing_there_is_never_much(engine_set: EngineSet) -> None:
    """Where policy allows none of something, everything is counted before anything is read for it."""
    none = {"account": {"searches": {"most": 0, "minutes": 60}}}
    meter, account = Meter(engine_set.engines.stream_url, none, 2), str(uuid4())
    for _ in range(2):
        bill = meter.spend(account, None, {}, {"searches": 1})
        with pytest.raises(Refusal, match="RATE_LIMITED"):
            await bill
        assert not bill.ample
    await meter.aclose()


async def test_what_nobody_waits_for_is_counted(meters: tuple[Meter, Meter]) -> None:
    """What an operation uses counts even if it was refused for another reason, or given up, before it was settled."""
    account = str(uuid4())
    meters[0].spend(account, str(uuid4()), {"records": 5})
    left = asyncio.ensure_future(_waited(meters[0].spend(account, str(uuid4()), {"records": 5})))
    await asyncio.sleep(0)
    left.cancel()
    await meters[0].spend(str(uuid4()), str(uuid4()), {"records": 1})  # by when those have been counted, too
    assert not await allowed(meters[1], account, str(uuid4()), records=1)


async def _waited(bill: Bill) -> None:
    await bill


async def test_nothing_is_ample_while_nothing_can_be_counted() -> None:
    """Once a count has failed, work waits for the next one, until counting works again."""
    meter = Meter("redis://127.0.0.1:1/0", ALLOWED, 0.5)
    bill = meter.spend("account-1", None, {"records": 1})
    with pytest.raises(Refusal, match="METER_UNAVAILABLE"):
        await bill
    assert (bill.ample, meter.spend("account-2", None, {"records": 1}).ample) == (True, False)
    await meter.aclose()


async def test_what_is_being_counted_ends_with_its_worker(engine_set: EngineSet, server: Any) -> None:
    """A worker that stops while something is being counted leaves no connection behind, and opens none."""
    await server.ping()
    before = len(await server.client_list())
    for begun in range(3):
        meter = Meter(engine_set.engines.stream_url, ALLOWED, 2)
        meter.spend(str(uuid4()), str(uuid4()), {"records": 1})
        for _ in range(begun):
            await asyncio.sleep(0)
        await meter.aclose()
        for _ in range(5):
            await server.ping()  # by when it would have connected
    assert len(await server.client_list()) == before


async def test_counting_waits_for_no_disk(meters: tuple[Meter, Meter], server: Any) -> None:
    """Counts are in memory alone: the append-only file, on which every answer waits, does not grow by them."""
    before = (await server.info("persistence"))["aof_current_size"]
    for _ in range(20):
        await meters[0].spend(str(uuid4()), str(uuid4()), {"records": 1})
    assert (await server.info("persistence"))["aof_current_size"] == before


async def test_a_window_ends(server: Any, engine_set: EngineSet) -> None:
    """A count lasts as long as its window, from the first use on, however often it is added to."""
    counts, name = Counts(engine_set.engines.stream_url, 5), str(uuid4())
    first = await counts.add([Use(name, 1, 100, 9)])
    await server.expire(f"{PREFIX}:{name}", 50)  # as if half of it were over
    again = await counts.add([Use(name, 2, 100, 9), Use(name, 0, 100, 9)])
    await server.delete(f"{PREFIX}:{name}")
    anew = await counts.add([Use(name, 0, 100, 9), Use(name, 5, 100, 9)])
    await counts.aclose()
    assert [(each.used, each.left) for each in first] == [(1, 100)]
    assert [(each.used, each.left in {49, 50}) for each in again] == [(3, True), (3, True)]
    assert [(each.used, each.left) for each in anew] == [(0, -2), (5, 100)]
