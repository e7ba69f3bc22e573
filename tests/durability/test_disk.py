"""Whatever happens to the disk or the server, an answer has its entry on disk, or there is no answer."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis

from audit.append import UnconfirmedError, append
from audit.chain import chained, new_segment, read_receipt
from audit.line import Line
from audit.stream import UnsafeStreamError, check_durable, connect
from audit.writer import Writer
from resolvers.refusals import Refusal
from tests.durability.servers import PATIENCE, Server, traced
from tests.evidence import entry, writer, written

pytestmark = pytest.mark.anyio


async def ask(own: Writer, prefix: int, count: int = 8) -> list[str]:
    """Record so many entries at once; the names of those that were answered. Every other one must be refused."""
    names = [f"{prefix:016x}{number:016x}" for number in range(count)]
    results = await asyncio.gather(*(own.record(entry(name)) for name in names), return_exceptions=True)
    for result in results:
        assert isinstance(result, str) or (isinstance(result, Refusal) and result.code == "AUDIT_UNAVAILABLE"), result
    return [read_receipt(result).id for result in results if isinstance(result, str)]


async def recovered(own: Writer) -> None:
    """Wait until a writer records again."""
    begun = time.monotonic()
    while not await ask(own, 0xFFFF, 1):
        assert time.monotonic() - begun < PATIENCE, "the writer does not recover by itself"
        await asyncio.sleep(0.05)


async def told(stream: Redis) -> tuple[list[str], set[str]]:
    """The accesses in a stream by name, and those of them that are told to have been withheld."""
    found = await written(stream)
    names = {(each["segment"], each["n"]): each["receipt"] for each in found if each["kind"] == "access"}
    held = {names[each["segment"], n] for each in found if each["kind"] == "withheld" for n in each["entries"]}
    return list(names.values()), held


def complete(names: list[str], held: set[str], answered: list[str]) -> None:
    """Every answer has its entry once, and whatever else is there is told as withheld or was asked to recover."""
    assert [names.count(name) for name in answered] == [1] * len(answered)
    assert not held & set(answered)
    others = {name for name in names if not name.startswith(f"{0xFFFF:016x}")}
    assert others - held == set(answered)


SPOILT = {
    "the disk is full": "write:error=ENOSPC",
    "the disk fails": "fdatasync:error=EIO",
}


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("what", sorted(SPOILT))
async def test_a_failing_disk_means_refusals_only(server: Server, stream: Redis, what: str, tmp_path: Path) -> None:
    """When the file cannot be written or synced, all is refused; afterwards each answer's entry is there."""
    own = writer(stream)
    answered = await ask(own, 1)
    (file,) = (server.folder / "appendonlydir").glob("*.incr.aof")
    with traced(server.pid, tmp_path / "trace", "-P", str(file), "-e", f"inject={SPOILT[what]}"):
        assert await ask(own, 2) == []
    server.kill()
    server.start()
    await recovered(own)
    answered += await ask(own, 3)
    assert len(answered) == 16
    complete(*await told(stream), answered)


@pytest.mark.usefixtures("strace")
async def test_a_stalled_sync_means_refusals_only(server: Server, stream: Redis, tmp_path: Path) -> None:
    """While a sync does not return there is no answer; when it has, what it wrote is told as withheld."""
    own = writer(stream)
    answered = await ask(own, 1)
    with traced(server.pid, tmp_path / "trace", "-e", "inject=fdatasync:delay_enter=2500000:when=1"):
        assert await ask(own, 2) == []
        await recovered(own)
    names, held = await told(stream)
    assert len(held) == 8
    complete(names, held, answered)


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGKILL])
async def test_a_server_that_stands_still_means_refusals_only(
    server: Server, stream: Redis, stop: signal.Signals
) -> None:
    """While the server is frozen or dead there is no answer; afterwards nothing is missing and nothing is twice."""
    own = writer(stream)
    answered = await ask(own, 1)
    os.kill(server.pid, stop)
    assert await ask(own, 2) == []
    if stop == signal.SIGKILL:
        server.kill()
        server.start()
    else:
        os.kill(server.pid, signal.SIGCONT)
    await recovered(own)
    answered += await ask(own, 3)
    complete(*await told(stream), answered)


@pytest.mark.parametrize("stale", [True, False])
async def test_another_server_in_its_place_is_noticed(
    server: Server, stream: Redis, tmp_path: Path, *, stale: bool
) -> None:
    """An empty or stale replica gets no entry of the old segment: the next append is refused, then the loss is told."""
    own = writer(stream)
    before = await ask(own, 1)
    if stale:
        server.copy(tmp_path / "replica")
    lost = await ask(own, 2)
    assert len(lost) == 8
    server.exchange(tmp_path / "replica" if stale else None)
    assert await ask(own, 3) == []
    await recovered(own)
    found = await written(stream)
    (opened,) = [each for each in found if each["kind"] == "opened" and each["after"]]
    assert (opened["after"]["n"], "lost" in opened["after"]["why"]) == (16, True)
    names, _ = await told(stream)
    assert [name for name in names if name in before] == (before if stale else [])


async def test_a_replica_must_confirm(server: Server, tmp_path: Path) -> None:
    """With a replica required, its silence means refusals only, and its return means answers again."""
    replica = Server(server.program, tmp_path / "replica", ("--replicaof", f"127.0.0.1 {server.port}"))
    client = connect(server.url, 6.0)
    own = writer(client, replicas=1)
    try:
        assert await ask(own, 1) == []
        replica.start()
        await recovered(own)
        answered = await ask(own, 2)
        assert len(answered) == 8
        os.kill(replica.pid, signal.SIGSTOP)
        assert await ask(own, 3) == []
        os.kill(replica.pid, signal.SIGCONT)
        await recovered(own)
        complete(*await told(client), answered)
    finally:
        replica.kill()
        await client.aclose()


async def test_a_replica_must_confirm_what_is_sent_again(server: Server, tmp_path: Path) -> None:
    """A batch whose connection broke after it was written is confirmed by the replica too, or not at all."""
    replica = Server(server.program, tmp_path / "replica", ("--replicaof", f"127.0.0.1 {server.port}"))
    client = connect(server.url, 4.0)
    lines = Line(client), Line(client)
    try:
        replica.start()
        await recovered(writer(client, replicas=1))
        os.kill(replica.pid, signal.SIGSTOP)
        head = new_segment()
        link, after = chained(head, "access", {}, Unsigned())
        await append(lines[0], head, after, [link], [])
        with pytest.raises(UnconfirmedError):
            await append(lines[1], head, after, [link], [], replicas=1)
        os.kill(replica.pid, signal.SIGCONT)
        await append(lines[1], head, after, [link], [], replicas=1)
    finally:
        replica.kill()
        await client.aclose()


class Unsigned:
    """Signs nothing."""

    def sign(self, message: bytes, /) -> bytes:  # noqa: ARG002 - a port
        """Sixty-four zeros."""
        return bytes(64)


async def test_a_server_that_became_unsafe_gets_nothing(server: Server, stream: Redis) -> None:
    """If the server comes back with settings that allow loss, nothing is recorded until they are right."""
    own = writer(stream)
    answered = await ask(own, 1)
    server.kill()
    safe, server.more = server.more, ("--appendfsync", "everysec")
    server.start()
    for _ in range(3):
        assert await ask(own, 2) == []
    with pytest.raises(UnsafeStreamError, match="appendfsync everysec"):
        await check_durable(stream)
    server.more = safe
    server.kill()
    server.start()
    await recovered(own)
    complete(*await told(stream), answered)
