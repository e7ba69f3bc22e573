"""What is measured of one population, and all of it together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.growth.hits import Operator


@dataclass(frozen=True, slots=True)
class Figures:
    """One question, asked by one client and then by many.

    Attributes:
        p50: median time with one client, in milliseconds.
        p99: time within which 99 of 100 were answered, with one client, in milliseconds.
        per_second: answers in a second, with many clients.
    """

    p50: float
    p99: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Size:
    """One population, times in seconds and sizes in bytes.

    Attributes:
        children: how many it has.
        nodes: how many records, name keys among them.
        links: how many relationships.
        writing: how long its files took to write.
        files: how large they are.
        importing: how long the import took.
        completing: how long it took to give the imported records what the tool leaves out.
        indexing: how long constraints and indexes took.
        store: how large the graph is, indexes included.
        operators: those of the child statement, with how often each touches the store.
        figures: what was seen of each question.
        others: how many cores everything else on the machine used meanwhile.
    """

    children: int
    nodes: int
    links: int
    writing: float
    files: int
    importing: float
    completing: float
    indexing: float
    store: int
    operators: Sequence[Operator]
    figures: Mapping[str, Figures]
    others: float

    @property
    def hits(self) -> int:
        """How often the child statement touches the store."""
        return sum(each.hits for each in self.operators)


@dataclass(frozen=True, slots=True)
class Growth:
    """Populations of several sizes, the smallest first.

    Attributes:
        machine: what was measured on.
        clients: how many asked at once, where many did.
        sizes: what was measured of each.
    """

    machine: Mapping[str, str]
    clients: int
    sizes: Sequence[Size]
