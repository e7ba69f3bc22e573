"""Three phases: quiet, under everything, and under new shapes alone; well-behaved clients are timed in each."""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any

from resolvers.document import Documents
from resolvers.refusals import Refusal
from tests.commands import ROOT
from tests.fuzz.attackers import WINDOW, Statuses, anything, drawn_shapes, fill, new_shapes, pause
from tests.fuzz.clients import POLITE, p99, polite
from tests.fuzz.documents import doubling
from tests.timing.served import Allowances, Served

_OWN = json.loads((ROOT / "policies" / "directory" / "limits" / "data.json").read_text(encoding="utf-8"))
ALLOWANCES: Allowances = {
    "account": {
        use: own if use in {"requests", "documents", "shapes"} else {"most": 10**9, "minutes": 1}
        for use, own in _OWN["account"].items()
    },
    "client": _OWN["client"],
}
"""Policy's own for requests, documents, new shapes and clients; the rest is free, to reach graph and stream."""
RUDE = ("data-manager", "shielding-officer", "partner-caseworker")
GROWTH = 12.0
"""How much more memory the gateway may hold at the end of the second half of the fuzzing than at its start, in MiB."""
FILLERS = ("auditor", "account-administrator")
SAMPLES = 40
"""How often memory is looked at."""
_AFTERMATH = 1.0
_ELSEWHERE = 19
"""How far attackers step back from the processors: theirs are not the gateway's."""
_PURPOSES = {"data-manager": "data-quality", **dict.fromkeys(FILLERS, "audit-review")}
Attack = Callable[[int, Mapping[str, str], float, Any], Statuses]


@dataclass
class Findings:
    """What came of it.

    Attributes:
        fuzzed: the answers to anything.
        shaped: the answers to new shapes alone.
        times: milliseconds of well-behaved clients' answers in the phases "fuzz" and "shapes" while attackers attack.
        pauses: those while they pause, in turn.
        memory: resident memory of the gateway, while anything was sent: (seconds, MiB), forty times.
        tracebacks: how many its log holds.
    """

    fuzzed: Statuses = field(default_factory=Statuses)
    shaped: Statuses = field(default_factory=Statuses)
    times: dict[str, list[float]] = field(default_factory=dict)
    pauses: dict[str, list[float]] = field(default_factory=dict)
    memory: list[tuple[float, float]] = field(default_factory=list)
    tracebacks: int = 0

    def ratio(self, phase: str) -> float:
        """How many times longer the slowest answer in a hundred took than in the pauses."""
        return p99(self.times[phase]) / p99(self.pauses[phase])

    def note(self, phase: str, timed: Sequence[tuple[float, float]]) -> None:
        """The answers of a phase; what begins right after an attack may still wait for it, and counts for neither."""
        self.times[phase] = [taken for at, taken in timed if not pause(at)]
        self.pauses[phase] = [taken for at, taken in timed if 0 < pause(at) < WINDOW - _AFTERMATH]

    @property
    def growth(self) -> float:
        """By how many MiB memory rose in the second half of the fuzzing, along the line that fits it best."""
        half = self.memory[len(self.memory) // 2 :]
        seconds, held = [at for at, _ in half], [mebibytes for _, mebibytes in half]
        return statistics.linear_regression(seconds, held).slope * (seconds[-1] - seconds[0])


async def fuzz(gateway: Served, seconds: float, phase: Callable[[str, float], None], seed: int = 1) -> Findings:
    """Fill the caches, then run the phases.

    A tenth of the time, at least five seconds, is for new shapes, the rest for anything; half of each is a pause.

    Args:
        gateway: whom to fuzz.
        seconds: how long in all.
        phase: told of each phase and its length in seconds.
        seed: draws what is sent.
    """
    found = Findings()
    short = max(5.0, seconds / 10)
    with ProcessPoolExecutor(len(RUDE), get_context("spawn"), os.nice, (_ELSEWHERE,)) as pool:

        async def phase_of(name: str, length: float, attack: Attack, attackers: Mapping[str, Any]) -> Statuses:
            phase(name, length)
            jobs = [
                partial(pool.submit, attack, gateway.port, _headers(gateway, persona), length, drawn)
                for persona, drawn in attackers.items()
            ]
            timed: list[tuple[float, float]] = []
            statuses = await _phase(gateway, length, timed, jobs)
            found.note(name, timed)
            return statuses

        await phase_of("warm", 2.0, anything, {})  # connections are made, what is known remembered
        for persona in FILLERS:
            await asyncio.wrap_future(pool.submit(fill, gateway.port, _headers(gateway, persona)))
        shapes = await asyncio.wrap_future(pool.submit(drawn_shapes, f"{seed} shapes", short))
        sampling = asyncio.create_task(_sampled(gateway, (seconds - short) / SAMPLES, found.memory))
        found.fuzzed = await phase_of("fuzz", seconds - short, anything, {each: f"{seed} {each}" for each in RUDE})
        sampling.cancel()
        found.shaped = await phase_of("shapes", short, new_shapes, {RUDE[0]: shapes})
    found.tracebacks = gateway.log.read_text(encoding="utf-8", errors="replace").count("Traceback")
    return found


async def _sampled(gateway: Served, seconds: float, memory: list[tuple[float, float]]) -> None:
    """Note every few seconds how much memory the gateway holds."""
    while True:
        memory.append((time.monotonic(), gateway.resident()))
        await asyncio.sleep(seconds)


def _headers(gateway: Served, persona: str) -> dict[str, str]:
    return gateway.headers(persona, _PURPOSES.get(persona, "coordinate-services"), client="rude")


async def _phase(
    gateway: Served, seconds: float, times: list[tuple[float, float]], jobs: Sequence[Callable[[], Future[Statuses]]]
) -> Statuses:
    """Time the well-behaved clients for some seconds, and until every attack has ended."""
    late, over, statuses = asyncio.Event(), asyncio.Event(), Statuses()
    asyncio.get_running_loop().call_later(seconds, late.set)
    async with asyncio.TaskGroup() as group:
        for persona in POLITE:
            group.create_task(polite(gateway, persona, over, times))
        try:
            for answered in await asyncio.gather(*(asyncio.wrap_future(job()) for job in jobs)):
                statuses.add(answered)
            await late.wait()
        finally:
            over.set()
    return statuses


def doubled() -> tuple[int, float]:
    """A document of doubling fragments of at most 1 KB: its size in bytes, and how long refusing it takes, in ms."""
    text = max((doubling(depth) for depth in range(40)), key=lambda text: len(text) if len(text) <= 1024 else 0)
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        try:
            Documents().operation(text, None)
        except Refusal:
            best = min(best, (time.perf_counter() - begun) * 1000)
    return len(text), best
