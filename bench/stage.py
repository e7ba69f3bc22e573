"""The engines, with one population in them, and what is asked about it."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from bench.graph import chosen, seeded
from bench.model import Json
from bench.people import Asker, Peopled, turns
from bench.policy import live_store
from bench.postgres import Postgres, postgres
from gateway.counts import PREFIX
from gateway.engines.embedded import embedded_set
from gateway.engines.folder import free_ports
from gateway.engines.model import EngineSet
from gateway.policy.files import read_policies
from gateway.policy.store import Store
from gateway.settings import ROOT
from gateway.stack import real_engines

REQUESTS = 2000
"""Different requests that are sent in turn: which child, and who asks."""


@dataclass(frozen=True)
class Asked:
    """Who is asked about, and by whom.

    Attributes:
        folder: where everything is kept.
        people: the population.
        children: the children that are asked about, each with the answer.
    """

    folder: Path
    people: Peopled
    children: Mapping[str, Json]

    @property
    def answers(self) -> list[Json]:
        """The answers to the first requests."""
        return [self.children[child] for child, _ in self.turns()]

    def turns(self) -> Iterator[tuple[str, Asker]]:
        """Who asks about whom, in turn."""
        ids = list(self.children)
        return ((ids[at], asker) for at, asker in turns(len(ids), REQUESTS))


@dataclass(frozen=True)
class Stage(Asked):
    """The engines, with the population in them.

    Attributes:
        real: Neo4j, OPA and Redis.
        embedded: ArcadeDB and Redis.
        tables: PostgreSQL.
        store: the policies that are live beside the real engines.
    """

    real: EngineSet
    embedded: EngineSet
    tables: Postgres
    store: Store


@contextmanager
def stage(folder: Path, people: Peopled, progress: Callable[[str], None]) -> Iterator[Stage]:
    """Start the engines, with the population in them, for the length of a block."""
    real, embedded = folder / "real", folder / "embedded"
    store = live_store(real, progress)
    policies = ROOT / "policies"
    revision = read_policies(policies).revision
    with ExitStack() as stack:
        engines = stack.enter_context(real_engines(real, progress, policies=policies, revision=revision))
        _seed("Neo4j", engines, people, progress)
        children = asyncio.run(chosen(engines.engines, people.today.isoformat()))
        own = stack.enter_context(embedded_set(embedded))
        _seed("ArcadeDB", own, people, progress)
        (port,) = free_ports(1)
        progress("Loading PostgreSQL")
        tables = stack.enter_context(postgres(port, people))
        yield Stage(folder, people, children, engines, own, tables, store)


def _seed(name: str, engines: EngineSet, people: Peopled, progress: Callable[[str], None]) -> None:
    """Have an engine set hold the population, and records of nothing."""
    emptied(engines)
    began = time.monotonic()
    asyncio.run(seeded(engines.engines, people, lambda *_: None))
    progress(f"{name} holds {people.children:,} children after {time.monotonic() - began:.0f} s")


def emptied(engines: EngineSet) -> None:
    """Have an engine set hold records of nothing, and no counts of what anybody asked."""
    with Redis.from_url(engines.engines.stream_url) as stream:
        stream.flushall()
        stream.bgrewriteaof()


def forgotten(engines: EngineSet) -> None:
    """Have an engine set forget what was asked for so far, so that no measurement uses up the next one's allowances."""
    with Redis.from_url(engines.engines.stream_url) as stream:
        for count in stream.scan_iter(f"{PREFIX}*", count=1000):
            stream.delete(count)
