"""The population as compressed files for the import tool, written by one process for each core, an area at a time."""

import gzip
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import chain
from multiprocessing import Manager, get_context
from pathlib import Path
from queue import Empty, Queue
from typing import Self

from bench.growth.rows import NUMBERS_OF_A_PART, Lines, headers, is_link
from bench.people import Peopled
from seed.places import PLACES
from seed.services import Area
from seed.shape import Value

_FAST = 1
"""The level of compression: names and codes shrink to a fifth at it, and identifiers hardly do at any."""
_LOOK = 0.2
_WHOLE = "whole.json"


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a population.

    Attributes:
        seconds: how long they took.
        size: how large they are, in bytes.
        nodes: how many records they hold.
        links: how many relationships.
    """

    seconds: float
    size: int
    nodes: int
    links: int


def write(people: Peopled, folder: Path, advance: Callable[[int], None]) -> Written:
    """Write a population's files; files of the same population that are whole already are left as they are.

    Args:
        people: the population; no more of it is in memory at once than a few thousand records and the services.
        folder: for the files of this population alone.
        advance: told of so many more children now and then.
    """
    told: dict[str, Value] = {"children": people.children, "seed": people.seed, "today": people.today.isoformat()}
    marker = folder / _WHOLE
    if marker.exists():
        known = json.loads(marker.read_text("utf-8"))
        if known.pop("of") == told:
            advance(people.children)
            return Written(**known)
        marker.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    for name, line in headers().items():
        (folder / f"{name}.csv").write_text(line, encoding="utf-8")
    counts = [_write_foundations(people, folder, told, advance), *_in_processes(people, folder, advance)]
    nodes, links = (sum(each) for each in zip(*counts, strict=True))
    size = sum(file.stat().st_size for file in folder.iterdir())
    written = Written(time.monotonic() - began, size, nodes, links)
    marker.write_text(json.dumps({**asdict(written), "of": told}), encoding="utf-8")
    return written


def _in_processes(people: Peopled, folder: Path, advance: Callable[[int], None]) -> Iterator[tuple[int, int]]:
    with Manager() as manager, ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        done: Queue[int] = manager.Queue()
        waiting: set[Future[tuple[int, int]]] = {
            pool.submit(_write_area, people, place, folder, done) for place in range(len(PLACES))
        }
        while waiting:
            try:
                advance(done.get(timeout=_LOOK))
            except Empty:
                for future in [each for each in waiting if each.done()]:
                    waiting.remove(future)
                    yield future.result()


@lru_cache(1)
def _ground(people: Peopled) -> tuple[tuple[Area, ...], Lines]:
    """The areas, and the numbers of what their families may refer to: the same in every process."""
    areas: list[Area] = []
    lines = Lines(0)
    for batch in people.foundations(areas):
        lines.of(batch)
    return tuple(areas), lines


def _write_foundations(
    people: Peopled, folder: Path, told: dict[str, Value], advance: Callable[[int], None]
) -> tuple[int, int]:
    lines = Lines(0)
    with _Part(folder, 0) as part:
        for batch in chain(people.foundations([]), [people.askers()]):
            part.write(lines.of(batch))
            advance(len(batch.nodes["Child"]))
        part.write(lines.done(told))
    return part.nodes, part.links


def _write_area(people: Peopled, place: int, folder: Path, done: "Queue[int]") -> tuple[int, int]:
    areas, ground = _ground(people)
    lines = Lines((place + 1) * NUMBERS_OF_A_PART, ground.known)
    with _Part(folder, place + 1) as part:
        for batch in people.families(areas[place], areas):
            part.write(lines.of(batch))
            done.put(len(batch.nodes["Child"]))
    return part.nodes, part.links


class _Part:
    """One process's share of the files: one for each label and type, opened when it is first written."""

    def __init__(self, folder: Path, place: int) -> None:
        self._folder, self._place, self._stack = folder, place, ExitStack()
        self._open: dict[str, gzip.GzipFile] = {}
        self.nodes = self.links = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, lines: dict[str, list[str]]) -> None:
        """Append lines to the files that they belong to."""
        for name, each in lines.items():
            if not each:
                continue
            if name not in self._open:
                path = self._folder / f"{name}-{self._place}.csv.gz"
                file = gzip.GzipFile(path, "wb", compresslevel=_FAST)
                self._open[name] = self._stack.enter_context(file)
            self._open[name].write("".join(each).encode())
            if is_link(name):
                self.links += len(each)
            else:
                self.nodes += len(each)
