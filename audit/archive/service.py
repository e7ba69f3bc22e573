"""The archiver as a service: round after round until it is stopped, with its metrics."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from wsgiref.simple_server import WSGIServer

import duckdb
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server
from redis.exceptions import RedisError

from audit.archive.archiver import BATCH, Archiver, Round
from audit.archive.chains import Problem
from audit.keystore import KeyStoreError

_log = logging.getLogger(__name__)

LINGER = 0.5
"""How long to let entries gather before they are archived together, in seconds."""
PATIENCE = 1.0
"""How long to wait for entries, and for a stream that does not answer, in seconds."""
_FULL = ("no space left", "disk is full", "quota exceeded", "max_temp_directory_size")
"""What DuckDB and SQLite say of a disk without room; DuckDB also where there is none to spill to."""


@dataclass(slots=True)
class Metrics:
    """What an archiver tells its monitoring. It names nobody.

    Attributes:
        registry: holds them.
    """

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    entries: Counter = field(init=False)
    repeated: Counter = field(init=False)
    problems: Counter = field(init=False)
    lag: Gauge = field(init=False)
    checkpoint: Gauge = field(init=False)
    cosigned: Gauge = field(init=False)
    absent: Gauge = field(init=False)
    size: Gauge = field(init=False)

    def __post_init__(self) -> None:
        into = self.registry
        self.entries = Counter("directory_archive_entries", "Entries archived.", registry=into)
        self.repeated = Counter("directory_archive_repeated", "Entries left out as archived before.", registry=into)
        self.problems = Counter("directory_archive_problems", "Problems found, by code.", ["code"], registry=into)
        self.lag = Gauge("directory_archive_lag_seconds", "Age of the oldest entry not archived.", registry=into)
        self.checkpoint = Gauge("directory_archive_checkpoint_timestamp_seconds", "Last checkpoint.", registry=into)
        self.cosigned = Gauge("directory_archive_cosigned_timestamp_seconds", "Last one cosigned.", registry=into)
        self.absent = Gauge("directory_archive_witnesses_absent", "Witnesses that did not sign it.", registry=into)
        self.size = Gauge("directory_archive_size", "Leaves in the log.", registry=into)

    def told(self, done: Round, size: int, oldest: float | None) -> None:
        """A round has ended."""
        self.entries.inc(done.archived)
        self.repeated.inc(done.repeated)
        for problem in done.problems:
            self.problems.labels(problem.code).inc()
        if done.archived:
            self.checkpoint.set_to_current_time()
        self.size.set(size)
        self.lag.set(max(0.0, time.time() - oldest) if oldest else 0)


@dataclass(slots=True)
class Service:
    """Runs an archiver.

    Attributes:
        archiver: does the work.
        says: is told of each problem.
        metrics: is told of each round.
        witnessed: how often the witnesses are asked, in seconds.
        stopping: is set when it shall end.
    """

    archiver: Archiver
    says: Callable[[Problem], None] = lambda _: None
    metrics: Metrics = field(default_factory=Metrics)
    witnessed: float = 10.0
    stopping: threading.Event = field(default_factory=threading.Event)
    _at_once: int = BATCH
    _asked: float = float("-inf")
    _signed: int = -1
    _listening: tuple[WSGIServer, threading.Thread] | None = None

    def __post_init__(self) -> None:
        if (at := self.archiver.folder.committed()) is not None:
            self.metrics.checkpoint.set(at)

    def listen(self, port: int) -> None:
        """Serve the metrics on this machine."""
        self._listening = start_http_server(port, "127.0.0.1", self.metrics.registry)

    def close(self) -> None:
        """Serve them no more."""
        if self._listening:
            server, thread = self._listening
            server.shutdown()
            server.server_close()
            thread.join()

    def once(self) -> int:
        """Archive all that is there; how many entries that was.

        Raises:
            ArchiveError: the archive is damaged.
            RedisError: the stream does not answer.
        """
        count = 0
        done = self._round()
        while done.more and not self.stopping.is_set():
            count += done.archived
            done = self._round()
        self._witness()
        return count + done.archived

    def run(self) -> None:
        """Archive until it is stopped; a stream that is away is waited for, and so is room on a disk that is full.

        Raises:
            ArchiveError: the archive is damaged.
        """
        while not self.stopping.is_set():
            try:
                done = self._round()
                if time.monotonic() - self._asked > self.witnessed:
                    self._witness()
                if not done.more:
                    self.archiver.source.wait(done.position, PATIENCE)
                    self.stopping.wait(LINGER)
            except (RedisError, OSError, KeyStoreError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
                if not _passes(error):
                    raise
                _log.warning("archive: %s", type(error).__name__)
                self.stopping.wait(PATIENCE)

    def _round(self) -> Round:
        done = self._fitting()
        for problem in done.problems:
            self.says(problem)
        self.metrics.told(done, self.archiver.state.manifest.size, self.archiver.source.behind(done.position))
        return done

    def _fitting(self) -> Round:
        """A round of as many entries as fit into memory: fewer, where what they are merged with does not."""
        while True:
            try:
                done = self.archiver.round(self._at_once)
            except duckdb.OutOfMemoryException as error:
                if self._at_once == 1 or _passes(error):
                    raise
                self._at_once //= 2
                _log.warning("archive: out of memory; %d entries at once", self._at_once)
            else:
                self._at_once = min(BATCH, 2 * self._at_once)
                return done

    def _witness(self) -> None:
        """Ask for signatures, if there is anything new to sign."""
        self._asked = time.monotonic()
        size = self.archiver.state.manifest.size
        if self.archiver.peers is None or size == self._signed:
            return
        absent = self.archiver.witness()
        for name, why in absent.items():
            _log.warning("archive: %s has not signed: %s", name, why)
        self.metrics.absent.set(len(absent))
        if not absent:
            self._signed = size
            self.metrics.cosigned.set_to_current_time()


def _passes(error: Exception) -> bool:
    """Whether to wait: for the stream, and for room; a file that is damaged or gone does not mend itself."""
    return isinstance(error, RedisError | OSError) or any(word in str(error).lower() for word in _FULL)
