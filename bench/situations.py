"""What else happens to this gateway: other questions, newcomers, a new policy, new shapes of question, a rush."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import httpx

from bench.asking import asked, entities, shift
from bench.beside import beside
from bench.figures import percentile, spread
from bench.http import Http, Request, body
from bench.model import BenchError, Run, Situation
from bench.overload import flood
from bench.people import NEW
from bench.policy import another
from bench.rounds import measure
from bench.shapes import chain
from bench.single import caller
from bench.stage import Stage, forgotten
from bench.targets import headers
from gateway.cli_policy_release import now
from schema.operations import OPERATIONS

CLIENTS = 8
"""How many ask at once, where nothing else is said."""
DEPTHS = range(1, 9)
_RESTS = 5
"""For how many times as long as planning a shape took nothing new is asked for: the graph rests meanwhile."""
_CONNECTIONS = 4
"""How many connections for each worker ask which policy is in force."""


@dataclass(frozen=True)
class Situations:
    """The gateway in situations.

    Attributes:
        on: the engines.
        target: the gateway, freshly started, with one worker for each core.
        workers: how many.
        rate: how many answers a second it was measured to give at most.
        rounds: how often a load is measured.
        seconds: how long each load lasts.
    """

    on: Stage
    target: Http
    workers: int
    rate: float
    rounds: int
    seconds: float

    def all(self, progress: Callable[[str], None]) -> list[Situation]:
        """Everything, in an order in which nothing is warmed that should be cold."""
        found = []
        for each in (self.newcomers, self.shapes, *self._loads(), self.policy_change, self.new_shapes, self.rush):
            found.append(each())
            progress(
                f"{found[-1].name}: " + ", ".join(f"{name} {value:,.1f}" for name, value in found[-1].figures.items())
            )
        return found

    def newcomers(self) -> Situation:
        """Accounts that ask for the first time, and once more: token, account and policy are cold, then warm."""
        told = headers(self.on.folder / "real", NEW)
        children = list(self.on.children)
        requests = [
            Request(told[asker], body(OPERATIONS["child"], {"id": child}))
            for asker, child in zip(NEW, children, strict=False)
        ]
        with caller(self.target) as one:
            cold, warm = one.timed(requests), one.timed(requests)
        return Situation(
            "newcomers, one at a time",
            {"first p50 ms": median(cold), "again p50 ms": median(warm), "first p99 ms": percentile(sorted(cold), 99)},
        )

    def shapes(self) -> Situation:
        """Operations of a shape that nobody has asked for, at each depth, each once the graph has rested."""
        figures = {}
        for depth, asker in zip(DEPTHS, NEW, strict=False):
            told = headers(self.on.folder / "real", [asker])[asker]
            request = Request(told, body(chain(depth), {"id": next(iter(self.on.children))}))
            with caller(self.target) as one:
                figures[f"depth {depth}, first ms"] = took = one.admitted(request)
                time.sleep(_RESTS * took / 1000)
                figures[f"depth {depth}, again ms"] = median(one.timed([request] * 5))
        return Situation("new shapes of question", figures)

    def _loads(self) -> list[Callable[[], Situation]]:
        """Other questions, under load."""
        folder = self.on.folder / "real"
        told = headers(folder, (asker for _, asker in self.on.turns()))
        turns = [(self.on.children[child], asker) for child, asker in self.on.turns()]
        kinds: dict[str, tuple[Sequence[Request], str]] = {
            "the portal's question": (self.target.requests, self.target.expected),
            "search by name and birthday": (asked("find", iter(turns), told), '"tooMany":false'),
            "a hundred representations": (entities(iter(turns), told), '"_entities":[{'),
            "a shift's mix": (shift(iter(turns), told), '"data":{'),
        }
        return [partial(self._load, name, *each) for name, each in kinds.items()]

    def _load(self, name: str, requests: Sequence[Request], expected: str) -> Situation:
        target = self._asking(name, requests, expected)

        def measured(number: int) -> Run:
            forgotten(self.on.real)  # a hundred representations use up a hundred of an account's records
            return measure(target, self.workers, CLIENTS, number, self.seconds)

        measured(-1)  # warms up
        before = counted(target.port)
        runs = [measured(number) for number in range(self.rounds)]
        after = counted(target.port)
        remembered, asked, reads, statements = (late - early for early, late in zip(before, after, strict=True))
        cost = spread(1000 * sum(part.seconds for part in run.parts) / run.load.requests for run in runs)
        return Situation(
            f"{name}, {CLIENTS} clients",
            {
                "answers/s": spread(run.throughput for run in runs).median,
                "p50 ms": spread(run.load.p50 for run in runs).median,
                "p99 ms": spread(run.load.p99 for run in runs).median,
                "processor ms an answer, all parts": cost.median,
                "decisions from memory, %": 100 * remembered / (remembered + asked),
                "reads a statement": reads / statements,
            },
        )

    def policy_change(self) -> Situation:
        """Another policy revision goes live under load, and the first again: nothing is dropped or wrong."""
        store = self.on.store
        first, second = store.history()[-1].revision, another(store, self.on.folder, lambda _: None)
        before = self.target.load(CLIENTS, 3 * self.seconds)
        with beside(lambda _: self._activate(second, first)):
            during = self.target.load(CLIENTS, 3 * self.seconds)
        return Situation(
            "a policy change and back under load",
            {
                "p99 ms before": before.p99,
                "p99 ms meanwhile": during.p99,
                "answers/s before": before.requests / before.seconds,
                "answers/s meanwhile": during.requests / during.seconds,
            },
        )

    def _activate(self, *revisions: str) -> None:
        for revision in revisions:
            time.sleep(self.seconds)
            self.on.store.activate(revision, at=now(), by="bench")
        time.sleep(0.5)
        for _ in range(_CONNECTIONS * self.workers):  # whichever worker answers
            with caller(self.target) as one:
                seen = one.post(self.target.requests[0]).json()["extensions"]["access"]["policy"]
            if seen != revisions[-1]:
                raise BenchError(f"Policy revision {seen} is in force half a second after {revisions[-1]} went live.")

    def new_shapes(self) -> Situation:
        """Everybody's usual questions while somebody sends ever new shapes."""
        before = self.target.load(CLIENTS, 3 * self.seconds)
        counted = {"admitted": 0, "told to wait": 0}
        told = list(headers(self.on.folder / "real", NEW).values())
        ids = list(self.on.children)

        def send(ended: threading.Event) -> None:
            number = 0
            with caller(self.target) as one:
                while not ended.is_set():
                    query = chain(2 + number % 3, number)
                    request = Request(told[number % len(told)], body(query, {"id": ids[number % len(ids)]}))
                    response = one.post(request)
                    if response.status_code != httpx.codes.OK and "retry-after" not in response.headers:
                        raise BenchError(f"A new shape was answered with {response.status_code}: {response.text[:600]}")
                    counted["admitted" if response.status_code == httpx.codes.OK else "told to wait"] += 1
                    number += 1
                    ended.wait(0.1)

        with beside(send):
            during = self.target.load(CLIENTS, 3 * self.seconds)
        figures = {"p99 ms before": before.p99, "p99 ms meanwhile": during.p99}
        figures |= {f"shapes {name}": float(count) for name, count in counted.items()}
        return Situation("ever new shapes beside the usual load", figures)

    def rush(self) -> Situation:
        """Twice as many requests as can be answered: most are admitted at the usual pace, the rest refused at once."""
        before = self.target.load(CLIENTS, self.seconds)
        within = flood(self.target, rate=0.8 * self.rate, seconds=2 * self.seconds)
        beyond = flood(self.target, rate=2 * self.rate, seconds=2 * self.seconds)
        after = self.target.load(CLIENTS, self.seconds)
        return Situation(
            "twice what can be answered",
            {
                **{f"at 0.8: {name}": each for name, each in within.items()},
                **{f"at 2: {name}": each for name, each in beyond.items()},
                "p50 ms before": before.p50,
                "p50 ms right after": after.p50,
            },
        )

    def _asking(self, name: str, requests: Sequence[Request], expected: str) -> Http:
        file = Path(f"{self.target.file}.{len(requests)}.{len(name)}")
        target = replace(self.target, name=name, requests=requests, expected=expected, file=file)
        target.write()
        return target


def counted(port: int) -> list[float]:
    """What a gateway's workers have counted: decisions from memory and from policy, reads and statements."""
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    found = dict(re.findall(r"^(directory_(?:decisions|graph)\S+) (\S+)$", shown, re.MULTILINE))
    sources = [f'directory_decisions_total{{source="{source}"}}' for source in ("memory", "policy")]
    return [
        float(found[name]) for name in (*sources, "directory_graph_reads_total", "directory_graph_statements_total")
    ]
