"""A writer's connection to the stream: broken, cut off in the middle, and begun again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

import pytest

from audit.chain import read_receipt
from audit.line import Line
from audit.writer import Writer
from resolvers.refusals import Refusal
from tests.evidence import entry, settled, writer
from tests.streams import BREAKS, FakeStream, numbers

pytestmark = pytest.mark.anyio
Made = Callable[[FakeStream], Writer]
PAUSES_SHORT = (0.0, 1e-9)


@pytest.fixture(name="made")
async def _made() -> AsyncIterator[Made]:
    """Makes writers, which end with the test."""
    writers: list[Writer] = []

    def make(stream: FakeStream) -> Writer:
        writers.append(writer(stream, pauses=PAUSES_SHORT))  # type: ignore[arg-type]
        return writers[-1]

    yield make
    for each in writers:
        if each._task:
            each._task.cancel()


@pytest.mark.parametrize("fault", BREAKS)
async def test_a_batch_under_which_a_connection_breaks_is_sent_again(made: Made, fault: str) -> None:
    """If the connection breaks under an append, it is sent once more and written once, and its answer leaves."""
    stream = FakeStream(faults=[fault])
    assert read_receipt(await made(stream).record(entry("0" * 32)))
    assert [found["kind"] for found in stream.decoded()] == ["opened", "access"]
    assert stream.appends == (2 if fault == "unheard" else 1)


async def test_a_connection_that_breaks_twice_means_no_answer(made: Made) -> None:
    """If the connection breaks under an append and again when it is sent once more, the answer is refused."""
    stream = FakeStream(faults=["unsent", "shut"])
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await made(stream).record(entry("r"))
    assert stream.faults == []


async def test_a_refusal_after_a_break_is_no_proof_that_nothing_was_written(made: Made) -> None:
    """If an append is written, its connection breaks, and it is refused the second time, the next entry says so."""
    stream = FakeStream(faults=["unheard", "refused"])
    own = made(stream)
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await own.record(entry("lost"))
    await settled(own)
    await own.record(entry("after"))
    assert [found["kind"] for found in stream.decoded()] == ["opened", "access", "withheld", "access"]


async def test_a_server_that_only_reads_is_not_asked_without_a_pause(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the server refuses every append, there is a pause before each next one but the second."""
    stream, paused = FakeStream(faults=["after", *["refused"] * 9]), list[float]()
    own, sleep = made(stream), asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds:
            paused.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await own.record(entry("lost"))
    await settled(own)
    assert paused == [PAUSES_SHORT[1]] * 8


async def test_no_reply_is_taken_for_another_append() -> None:
    """If somebody stops waiting for replies, whoever speaks next on the same line reads the replies to that alone."""
    line = Line(Hung())  # type: ignore[arg-type]
    first = asyncio.create_task(line.say(("first",)))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await line.say(("second",)) == ["second"]


class Hung:
    """A client, its pool and its connection, whose first reply does not come until it is asked for again."""

    connection_kwargs: ClassVar = {"socket_timeout": 5.0}

    def __init__(self) -> None:
        self.connection_pool, self.replies, self.hangs = self, list[Any](), True

    async def get_connection(self) -> "Hung":
        """The one connection."""
        return self

    def pack_commands(self, commands: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """They are sent as they are."""
        return commands

    async def send_packed_command(self, commands: list[tuple[Any, ...]], *, check_health: bool) -> None:
        """Each reply repeats its command."""
        assert not check_health
        self.replies += [name for (name,) in commands]

    async def read_response(self) -> Any:
        """The oldest reply; the first time it never comes."""
        if self.hangs:
            self.hangs = False
            await asyncio.Event().wait()
        return self.replies.pop(0)

    async def disconnect(self, *, nowait: bool) -> None:
        """What was not read is lost."""
        assert nowait
        self.replies.clear()


async def test_a_worker_goes_on_after_its_task_died(made: Made) -> None:
    """If the task that appends ends for whatever reason, the next entry begins another."""
    stream = FakeStream()
    own = made(stream)
    await own.record(entry("before"))
    assert own._task
    own._task.cancel()
    await asyncio.wait([own._task])
    await own.record(entry("after"))
    assert numbers(stream.decoded(), "access") == [1, 2]


async def test_a_worker_that_closes_records_nothing_more(made: Made) -> None:
    """What comes after a worker began to close is refused at once."""
    own = made(FakeStream())
    await own.record(entry("before"))
    await own.close()
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await own.record(entry("after"))
