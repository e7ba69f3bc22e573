"""Three phases: quiet, under everything, and under new shapes alone; well-behaved clients are timed in each."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from random import Random

from resolvers.document import Documents
from resolvers.refusals import Refusal
from tests.commands import ROOT
from tests.fuzz.clients import POLITE, RUDE, Statuses, p99, polite, rude, shaper
from tests.fuzz.documents import doubling
from tests.timing.served import Allowances, Served

_OWN = json.loads((ROOT / "policies" / "directory" / "limits" / "data.json").read_text(encoding="utf-8"))
ALLOWANCES: Allowances = {
    "account": {**_OWN["account"], "records": {"most": 10**9, "minutes": 1}, "searches": {"most": 10**9, "minutes": 1}},
    "client": _OWN["client"],
}
"""Policy's own, but for records and searches: so that what is sent reaches the graph. New shapes stay bounded."""
Attack = Callable[[asyncio.Event], Coroutine[None, None, None]]


@dataclass
class Findings:
    """What came of it.

    Attributes:
        fuzzed: the answers to anything.
        shaped: the answers to new shapes alone.
        times: milliseconds of well-behaved clients' answers in each phase: "quiet", "fuzz" and "shapes".
        memory: resident memory of the gateway in MiB after the quiet phase and at the end.
        tracebacks: how many its log holds.
    """

    fuzzed: Statuses = field(default_factory=Statuses)
    shaped: Statuses = field(default_factory=Statuses)
    times: dict[str, list[float]] = field(default_factory=dict)
    memory: tuple[float, float] = (0.0, 0.0)
    tracebacks: int = 0

    def ratio(self, phase: str) -> float:
        """How many times longer the slowest answer in a hundred took than in quiet."""
        return p99(self.times[phase]) / p99(self.times["quiet"])


async def fuzz(gateway: Served, seconds: float, phase: Callable[[str, float], None], seed: int = 1) -> Findings:
    """Run the phases: a tenth of the time, at least five seconds, is quiet, another for new shapes, the rest for all.

    Args:
        gateway: whom to fuzz.
        seconds: how long in all.
        phase: told of each phase and its length in seconds.
        seed: draws what is sent.
    """
    found = Findings()
    short = max(5.0, seconds / 10)

    def chance(name: str) -> Random:
        return Random(f"{seed} {name}")  # noqa: S311 - no secrets

    anything = [
        partial(rude, gateway, persona, statuses=found.fuzzed, r=chance(f"{persona} {number}"))
        for persona in RUDE
        for number in range(2)
    ]
    shapes = [partial(shaper, gateway, "data-manager", statuses=found.shaped, r=chance("shapes"))]
    await _phase(gateway, 2.0, [], [])  # connections are made, and what is known is remembered
    for name, length, attacks in (
        ("quiet", short, []),
        ("fuzz", seconds - 2 * short, anything),
        ("shapes", short, shapes),
    ):
        phase(name, length)
        times = found.times.setdefault(name, [])
        await _phase(gateway, length, times, attacks)
        if name == "quiet":
            found.memory = (gateway.resident(), 0.0)
    found.memory = (found.memory[0], gateway.resident())
    found.tracebacks = gateway.log.read_text(encoding="utf-8", errors="replace").count("Traceback")
    return found


async def _phase(gateway: Served, seconds: float, times: list[float], attacks: list[Attack]) -> None:
    """Time the well-behaved clients for some seconds, and until every attack has ended."""
    late, over = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, late.set)
    async with asyncio.TaskGroup() as group:
        for persona in POLITE:
            group.create_task(polite(gateway, persona, over, times))
        try:
            async with asyncio.TaskGroup() as attacking:
                for attack in attacks:
                    attacking.create_task(attack(late))
            await late.wait()
        finally:
            over.set()


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
