"""What is measured: targets that answer the same question, and the figures of one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Json = Any
"""A JSON value."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a load generator saw.

    Attributes:
        requests: how many were answered.
        seconds: how long it took.
        p50: median time of an answer, in milliseconds.
        p99: time within which 99 of 100 were answered, in milliseconds.
        generator: processor time of the generator itself, in seconds.
    """

    requests: int
    seconds: float
    p50: float
    p99: float
    generator: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a target used during a run.

    Attributes:
        name: such as "Neo4j".
        processes: how many it has.
        seconds: processor time of all of them, in seconds.
        largest: resident memory of the largest, in MiB.
        memory: memory of all together, in MiB, shared pages counted once.
    """

    name: str
    processes: int
    seconds: float
    largest: float
    memory: float


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run.

    Attributes:
        target: the target's name.
        workers: its processes.
        clients: how many asked at once.
        round: which round it was, from 0.
        load: what the generator saw.
        parts: what each part used.
        others: how many cores everything else on the machine used meanwhile.
    """

    target: str
    workers: int
    clients: int
    round: int
    load: Load
    parts: tuple[Part, ...]
    others: float

    @property
    def throughput(self) -> float:
        """Answers in a second."""
        return self.load.requests / self.load.seconds


@dataclass(frozen=True, slots=True)
class Situation:
    """What was seen in one situation.

    Attributes:
        name: the situation.
        figures: each figure by what it is, with its unit.
    """

    name: str
    figures: Mapping[str, float]


class Target(Protocol):
    """Something that answers who works with a child."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    @property
    def parts(self) -> Mapping[str, Sequence[int]]:
        """The processes of each part; their children count too."""

    def answers(self, count: int) -> list[Json]:
        """The answers about the first children, in the common form."""

    def about_hidden(self) -> list[Json]:
        """What is answered about people who are hidden; nothing where nobody is hidden from whoever asks."""

    def load(self, clients: int, seconds: float) -> Load:
        """Ask as so many clients at once, for so long.

        Raises:
            BenchError: an answer was not what it should be.
        """


class BenchError(Exception):
    """A figure would mean nothing; the message says why."""
