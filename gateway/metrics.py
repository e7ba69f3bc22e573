"""Metrics of one gateway for Prometheus: how the record keeps pace, what reads share, how policy decides.

They name nobody and no record.
"""

import os
import time
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from audit.stream import oldest_unarchived
from gateway.policy.files import Kinds
from gateway.policy.judge import SHOWN, Judged

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder through which the workers of one gateway add up; set by ``directory serve``."""
_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_HEADERS = {"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}

_registry = CollectorRegistry()
_APPENDS = Histogram(
    "directory_audit_append_seconds",
    "How long a confirmed append to the audit stream took, its sync to disk included.",
    buckets=_BUCKETS,
    registry=_registry,
)
_ENTRIES = Counter("directory_audit_entries", "Entries that the audit stream has confirmed.", registry=_registry)
_WITHHELD = Counter("directory_audit_withheld", "Answers withheld for want of a record.", registry=_registry)
_GIVEN_UP = Counter("directory_audit_segments_given_up", "Segments whose entries were lost.", registry=_registry)
_LAG = Gauge(
    "directory_archive_lag_seconds",
    "Age of the oldest entry that the archive does not hold; -1 where no archive reads the stream.",
    registry=_registry,
    multiprocess_mode="mostrecent",
)
_STATEMENTS = Counter(
    "directory_graph_statements", "Statements that read for one operation or several.", registry=_registry
)
_READS = Counter("directory_graph_reads", "Reads of operations, which may share a statement.", registry=_registry)
_DECISIONS = Counter(
    "directory_decisions", "Decisions on who asks: remembered, or asked of policy.", ["source"], registry=_registry
)
_REMEMBERED, _ASKED = _DECISIONS.labels("memory"), _DECISIONS.labels("policy")
_SHADOWED = Counter(
    "directory_shadow_operations",
    "Operations beside which a candidate policy decided: the same, differs, or why that is not known.",
    ["outcome"],
    registry=_registry,
)
_DIFFERENCES = Counter(
    "directory_shadow_differences",
    "Field resolutions that a candidate policy would open, close or withhold for another reason.",
    ["roles", "type", "kind", "turn"],
    registry=_registry,
)


class Tally:
    """What the writer of the audit record does, counted."""

    def confirmed(self, entries: int, seconds: float) -> None:
        """An append of so many entries was confirmed after so many seconds."""
        _ENTRIES.inc(entries)
        _APPENDS.observe(seconds)

    def withheld(self, answers: int) -> None:
        """So many answers were withheld."""
        _WITHHELD.inc(answers)

    def given_up(self) -> None:
        """A segment was given up."""
        _GIVEN_UP.inc()


def read(asks: int) -> None:
    """A statement reads for so many operations."""
    _STATEMENTS.inc()
    _READS.inc(asks)


def decided(remembered: bool) -> None:
    """A decision on who asks was remembered, or has to be asked of policy."""
    (_REMEMBERED if remembered else _ASKED).inc()


class Compared:
    """What a candidate policy would have done otherwise than the one in force, counted."""

    def compared(self, roles: Sequence[str], undetermined: str | None, judged: Judged, kinds: Kinds) -> None:
        """An operation by somebody with these roles was compared, or could not be."""
        _SHADOWED.labels("differs" if judged.differences else undetermined or "same").inc()
        for each, count in judged.differences.items():
            turn = "opens" if each.after == SHOWN else "closes" if each.before == SHOWN else "other"
            kind = kinds.get(each.type, {}).get(each.field, each.field)
            _DIFFERENCES.labels("+".join(roles), each.type, kind, turn).inc(count)


async def archive_lag(stream: Redis) -> float | None:
    """The age of the oldest entry that the archive does not hold, in seconds; None where no archive reads the stream.

    Raises:
        RedisError: the stream does not answer.
    """
    oldest = await oldest_unarchived(stream)
    return None if oldest is None else max(0.0, time.time() - oldest)


class Metrics:
    """The endpoint.

    Args:
        stream: the audit stream.
    """

    def __init__(self, stream: Redis) -> None:
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the metrics in Prometheus's text format, of all workers together."""
        try:
            lag = await archive_lag(self._stream)
        except (RedisError, OSError):
            lag = None
        _LAG.set(-1 if lag is None else lag)
        registry = _registry
        if os.environ.get(SHARED):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        await Response(generate_latest(registry), headers=_HEADERS)(scope, receive, send)
