"""The writer: an answer's entry is in the stream once and in its chain, or the answer does not leave."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.exceptions import AuthenticationError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import TimeoutError as Late

from audit.chain import CONTEXT, NOTHING, read_receipt
from audit.writer import MOST, Writer
from resolvers.refusals import Refusal
from tests.evidence import SIGNING, entry, settled, writer
from tests.streams import FAULTS, FakeConnection, FakeStream, numbers


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.writer.PAUSES", (0.0,))


WRITERS: list[Writer] = []


@pytest.fixture(autouse=True)
def _no_writer_is_left() -> Iterator[None]:
    yield
    for left in WRITERS:
        if left._task is not None:
            left._task.cancel()
    WRITERS.clear()


def on(stream: FakeStream, replicas: int = 0) -> Writer:
    """A writer on such a stream; it ends with the test."""
    WRITERS.append(writer(stream, replicas, pauses=(0.0,)))  # type: ignore[arg-type]
    return WRITERS[-1]


def check_chains(stream: FakeStream) -> None:
    """Every segment in the stream is numbered from 0 without a gap, names the entry before, and is signed."""
    ends: dict[str, tuple[int, bytes]] = {}
    for raw, signature in stream.entries:
        found, digest = orjson.loads(raw), hashlib.sha256(raw).digest()
        last, before = ends.get(found["segment"], (-1, NOTHING))
        assert (found["n"], found["prev"]) == (last + 1, before.hex())
        assert (found["kind"] == "opened") == (found["n"] == 0)
        SIGNING.public_key().verify(signature, CONTEXT + digest)
        ends[found["segment"]] = (found["n"], digest)


async def test_a_receipt_is_the_signed_hash_of_its_entry() -> None:
    """The receipt of an answer names its entry's hash, signed; the entry follows the segment's opening."""
    stream = FakeStream()
    receipt = read_receipt(await on(stream).record(entry("0" * 32)))
    (_, (raw, signature)) = stream.entries
    assert (receipt.id, receipt.hash, receipt.signature) == ("0" * 32, hashlib.sha256(raw).digest(), signature)
    assert receipt.genuine(_Public())
    assert [found["kind"] for found in stream.decoded()] == ["opened", "access"]
    check_chains(stream)


class _Public:
    def verify(self, message: bytes, signature: bytes, /) -> bool:
        """Whether it is signed."""
        SIGNING.public_key().verify(signature, message)
        return True


async def test_concurrent_entries_share_an_append() -> None:
    """What is recorded at the same time is appended together, in order, and each is told its own receipt."""
    stream = FakeStream()
    own = on(stream)
    names = [f"{number:032x}" for number in range(MOST)]
    receipts = await asyncio.gather(*(own.record(entry(name)) for name in names))
    assert [read_receipt(receipt).id for receipt in receipts] == names
    assert stream.appends == 1
    check_chains(stream)


@pytest.mark.parametrize(
    "failure", [Lost, Late, AuthenticationError, ReadOnlyError, ResponseError, OSError, ValueError]
)
async def test_a_fault_of_the_stream_means_no_answer(
    failure: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the stream fails with, the answer is refused, the log says the kind of fault, and all goes on after."""
    stream = FakeStream(failure=failure("Ada"))
    own = on(stream)
    for _ in range(2):  # at once the second time: nothing is recorded while it is not known what became of the first
        with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
            await own.record(entry("r"))
    assert failure.__name__ in caplog.text
    assert "Ada" not in caplog.text
    assert not own.settled
    stream.failure = None
    await settled(own)
    await own.record(entry("after"))
    check_chains(stream)


@pytest.mark.parametrize("fault", ["after", "late"])
async def test_an_unconfirmed_entry_is_named_as_withheld(fault: str) -> None:
    """If an append was written, or is written late, and its answer withheld, the very next entry says so."""
    stream = FakeStream(faults=[fault])
    own = on(stream)
    with pytest.raises(Refusal):
        await own.record(entry("lost"))
    await settled(own)
    await own.record(entry("after"))
    held = [found for found in stream.decoded() if found["kind"] == "withheld"]
    assert [(found["n"], found["entries"]) for found in held] == [(2, [1])]
    assert [found["receipt"] for found in stream.decoded() if found["kind"] == "access"] == ["lost", "after"]
    check_chains(stream)


async def test_an_entry_that_was_never_written_leaves_no_gap() -> None:
    """If an append never arrived, an entry says that one failed and names none; if it was refused, nothing does."""
    stream = FakeStream(faults=["refused"])
    own = on(stream)
    for fault in ("before", None):
        with pytest.raises(Refusal):
            await own.record(entry("lost"))
        await settled(own)
        stream.faults = [fault]
    await own.record(entry("after"))
    assert [found["kind"] for found in stream.decoded()] == ["opened", "withheld", "access"]
    assert [found["entries"] for found in stream.decoded() if found["kind"] == "withheld"] == [[]]
    check_chains(stream)


async def test_a_stale_server_is_noticed_at_the_next_append() -> None:
    """A server that misses an acknowledged entry gets no further one in that segment; the next segment says why."""
    stream = FakeStream(faults=[None, "stale"])
    own = on(stream)
    await own.record(entry("kept"))
    with pytest.raises(Refusal):
        await own.record(entry("refused"))
    await settled(own)
    await own.record(entry("after"))
    first, *_, opened, last = stream.decoded()
    assert (opened["kind"], last["receipt"]) == ("opened", "after")
    assert opened["segment"] != first["segment"]
    assert (opened["after"]["segment"], opened["after"]["n"]) == (first["segment"], 1)
    assert "lost" in opened["after"]["why"]


async def test_a_server_that_has_become_unsafe_gets_nothing() -> None:
    """After a fault, nothing is recorded on a server whose settings allow loss."""
    stream = FakeStream(faults=["before"])
    own = on(stream)
    stream.settings = {**stream.settings, "appendfsync": "everysec"}
    with pytest.raises(Refusal):
        await own.record(entry("r"))
    for _ in range(20):
        await asyncio.sleep(0)
    with pytest.raises(Refusal):
        await own.record(entry("r"))
    assert not stream.entries


@pytest.mark.parametrize(("confirmations", "answered"), [(0, False), (1, False), (2, True), (3, True)])
async def test_replicas_must_confirm(confirmations: int, *, answered: bool) -> None:
    """With two replicas required, an answer leaves when two have confirmed its entry, and else is withheld."""
    stream = FakeStream(confirmations=confirmations)
    own = on(stream, replicas=2)
    if answered:
        assert await own.record(entry("r"))
        return
    with pytest.raises(Refusal):
        await own.record(entry("r"))
    stream.confirmations = 2
    await settled(own)
    assert [found["entries"] for found in stream.decoded() if found["kind"] == "withheld"] == [[1]]


async def test_an_entry_whose_request_ended_is_named_as_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a request ends while its entry is under way, the entry is named as one whose answer was withheld."""
    stream = FakeStream()
    own = on(stream)
    held, release = asyncio.Event(), asyncio.Event()
    whole = FakeConnection.read_response

    async def slowly(connection: FakeConnection) -> Any:
        held.set()
        await release.wait()
        return await whole(connection)

    monkeypatch.setattr(FakeConnection, "read_response", slowly)
    asking = asyncio.create_task(own.record(entry("gone")))
    await held.wait()
    asking.cancel()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await settled(own)
    assert [found["entries"] for found in stream.decoded() if found["kind"] == "withheld"] == [[1]]


async def test_a_request_that_ends_while_it_waits_is_not_recorded() -> None:
    """An entry whose request ends before its turn is never written."""
    stream = FakeStream()
    own = on(stream)
    asking = asyncio.create_task(own.record(entry("gone")))
    await asyncio.sleep(0)
    asking.cancel()
    await own.record(entry("next"))
    assert [found["receipt"] for found in stream.decoded() if found["kind"] == "access"] == ["next"]


async def test_an_entry_without_a_form_is_refused_alone() -> None:
    """What cannot be written as JSON is refused at once, and what would have shared its append is written."""
    stream = FakeStream()
    own = on(stream)
    found = await asyncio.gather(
        own.record(replace(entry("00"), account="half a \ud800 character")),
        own.record(entry("01")),
        return_exceptions=True,
    )
    assert str(found[0]) == "AUDIT_UNAVAILABLE"
    assert [str(each).partition(".")[0] for each in (found[1], await own.record(entry("02")))] == ["01", "02"]
    check_chains(stream)


async def test_a_closed_segment_says_that_it_ended() -> None:
    """A worker that stops ends its segment; one that wrote nothing leaves nothing."""
    stream = FakeStream()
    idle, own = on(stream), on(stream)
    await idle.close()
    assert not stream.entries
    await own.record(entry("r"))
    await own.close()
    assert [found["kind"] for found in stream.decoded()] == ["opened", "access", "closed"]
    check_chains(stream)


async def test_a_worker_stops_although_the_stream_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that cannot reach the stream gives up closing its segment after a while."""
    monkeypatch.setattr("audit.writer.CLOSING_SECONDS", 0.05)
    stream = FakeStream()
    own = on(stream)
    await own.record(entry("r"))
    stream.failure = Lost("away")
    with pytest.raises(Refusal):
        await own.record(entry("r"))
    await own.close()
    assert numbers(stream.decoded(), "closed") == []


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((None, None, *FAULTS)), st.integers(1, 5)), max_size=12))
def test_whatever_fails_an_answer_has_its_entry_once(plan: Sequence[tuple[str | None, int]]) -> None:
    """Whatever fails, each answer has its entry once, in its chain, and an entry without an answer is told as such."""
    answered: list[str] = []
    withheld: list[Refusal] = []
    stream = FakeStream()

    async def play() -> None:
        own = on(stream)
        for turn, (fault, count) in enumerate(plan):
            stream.faults = [fault]
            names = [f"{turn:016x}{number:016x}" for number in range(count)]
            for result in await asyncio.gather(*(own.record(entry(name)) for name in names), return_exceptions=True):
                if isinstance(result, str):
                    answered.append(result)
                else:
                    assert isinstance(result, Refusal)
                    withheld.append(result)
            stream.faults = []
            await settled(own)
        await own.close()

    asyncio.run(play())
    kept = [found.get("receipt") for found in stream.decoded()]
    # what a server has lost cannot be told: where one did, only the last promise is left
    lossy = any(fault == "stale" for fault, _ in plan)
    if not lossy:
        check_chains(stream)
        assert all(kept.count(read_receipt(receipt).id) == 1 for receipt in answered)
        told = {
            (found["segment"], n) for found in stream.decoded() if found["kind"] == "withheld" for n in found["entries"]
        }
        ids = {read_receipt(receipt).id for receipt in answered}
        for found in stream.decoded():
            if found["kind"] == "access":
                assert (found["receipt"] in ids) != ((found["segment"], found["n"]) in told)
    assert len(kept) == len({(found["segment"], found["n"]) for found in stream.decoded()})
