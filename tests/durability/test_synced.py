"""The order of things, as the kernel saw it: written, synced, and only then answered."""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis

from audit.chain import read_receipt
from tests.durability.servers import Server, traced
from tests.evidence import entry, writer

pytestmark = pytest.mark.anyio
_CALL = re.compile(r"^\d+ +(\d+\.\d+) (\w+)\(\d+<([^>]*)>(.*)$")


@dataclass(frozen=True)
class Call:
    """A system call of the server.

    Attributes:
        at: when it was logged, in seconds since 1970; a sync is logged with how long it took.
        name: which one.
        file: the file or socket that it was about.
        rest: its arguments and its result.
    """

    at: float
    name: str
    file: str
    rest: str

    @property
    def returned(self) -> float:
        """When a call that succeeded had returned."""
        took = re.search(r"= 0 <(\d+\.\d+)>$", self.rest)
        assert took, self.rest
        return self.at + float(took[1])


def calls(trace: Path) -> list[Call]:
    """What was logged of writes and syncs, in order."""
    found = (_CALL.match(line) for line in trace.read_text("utf-8", "replace").splitlines())
    return [Call(float(call[1]), call[2], call[3], call[4]) for call in found if call]


def synced(log: list[Call], name: str) -> float:
    """When the first sync behind the entry of this name had returned."""
    places = [place for place, call in enumerate(log) if call.file.endswith(".aof") and name in call.rest]
    assert len(places) == 1, f"{name} was written {len(places)} times"
    file = log[places[0]].file
    syncs = [call for call in log[places[0] :] if call.name == "fdatasync" and call.file == file]
    assert syncs, f"{name} was never synced"
    return syncs[0].returned


@pytest.mark.usefixtures("strace")
async def test_no_answer_leaves_before_its_entry_is_synced(server: Server, stream: Redis, tmp_path: Path) -> None:
    """For each of 200 concurrent answers, the sync that covers its entry had returned before the receipt was given."""
    own, answered = writer(stream), dict[str, float]()

    async def client(number: int) -> None:
        for turn in range(20):
            receipt = read_receipt(await own.record(entry(f"{number:016x}{turn:016x}")))
            answered[receipt.id] = time.time()

    trace = tmp_path / "trace"
    with traced(server.pid, trace, "-T", "-e", "trace=write,writev,pwrite64,fdatasync"):
        await asyncio.gather(*(client(number) for number in range(10)))
    log = calls(trace)
    assert len(answered) == 200
    early = [name for name, at in answered.items() if synced(log, name) >= at]
    assert not early
    appends = [call for call in log if call.name == "fdatasync" and call.file.endswith(".aof")]
    assert len(appends) < 200, "concurrent operations share a sync"
