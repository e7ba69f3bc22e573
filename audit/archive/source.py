"""The audit stream as the archiver reads it: in order, behind what is archived, and trimmed only there."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from audit.archive.folder import ArchiveError
from audit.seal import named
from audit.stream import ARCHIVE, HEADS, KEYS, STREAM

_CONSUMER = "archiver"
START = "0-0"
"""The position before every entry."""
_ASKED, _PAUSE = 3000, 0.1
"""How often a server is asked whether it has written its file anew, and how long to wait between, in seconds."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """An entry of the stream.

    Attributes:
        id: its identifier in the stream.
        entry: its exact bytes; empty if it has none.
        signature: its signature; empty if it has none.
    """

    id: str
    entry: bytes
    signature: bytes

    @property
    def at(self) -> float:
        """When it was appended, in seconds since 1970."""
        return int(self.id.partition("-")[0]) / 1000


class Source:
    """The stream.

    Args:
        url: the address of its Redis.
        timeout: how long a reply may take, in seconds.
    """

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._client: Any = Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)

    def holds(self, position: str) -> bool:
        """Whether the stream still has the entry at a position; its beginning it always has."""
        return position == START or bool(self._client.xrange(STREAM, position, position, count=1))

    def read(self, position: str, count: int) -> list[Streamed]:
        """The entries behind a position, in order, as the consumer group's."""
        try:
            self._client.xgroup_setid(STREAM, ARCHIVE, position)
        except ResponseError:
            self._client.xgroup_create(STREAM, ARCHIVE, position, mkstream=True)
        found = self._client.xreadgroup(ARCHIVE, _CONSUMER, {STREAM: ">"}, count=count)
        return [_streamed(*each) for _, batch in found for each in batch]

    def peek(self, position: str, count: int) -> list[Streamed]:
        """The entries behind a position, in order, read by nobody."""
        return [_streamed(*each) for each in self._client.xrange(STREAM, f"({position}", "+", count=count)]

    def behind(self, position: str) -> float | None:
        """When the oldest entry behind a position was appended, in seconds since 1970; None if there is none."""
        found = self.peek(position, 1)
        return found[0].at if found else None

    def wait(self, position: str, seconds: float) -> None:
        """Wait until there is something behind a position, for so long at most."""
        self._client.xread({STREAM: position}, count=1, block=max(1, int(seconds * 1000)))

    def heads(self) -> dict[str, tuple[int, str]]:
        """For each segment, the number and the hash of its last entry."""
        found = {}
        for segment, mark in self._client.hgetall(HEADS).items():
            n, _, digest = mark.decode().partition(":")
            found[segment.decode()] = int(n), digest
        return found

    def keys(self) -> dict[str, bytes]:
        """Subjects' keys that nobody has taken yet, by name."""
        return {name.decode(): wrapped for name, wrapped in self._client.hgetall(KEYS).items()}

    def forget_keys(self, names: Sequence[str]) -> None:
        """Delete keys."""
        if names:
            self._client.hdel(KEYS, *names)

    def forget_subject(self, subject: str) -> int:
        """Delete the keys of a subject; how many there were. They are in the server's file until it is rewritten."""
        names = [name for name in self.keys() if named(name, b"").subject == subject]
        self.forget_keys(names)
        return len(names)

    def rewrite(self) -> None:
        """Have the server write its file anew, without what was deleted; returns when it has.

        Raises:
            ArchiveError: it has not.
        """
        try:
            self._idle()  # a rewrite that began before the deletion does not know of it
            self._client.bgrewriteaof()
            if self._idle()["aof_last_bgrewrite_status"] == "ok":
                return
            why = "it failed, see the server's log"
        except RedisError as error:
            why = str(error)
        raise ArchiveError(
            f"The keys are destroyed, but the stream's server has them in its file yet: {why}. Run BGREWRITEAOF there."
        )

    def _idle(self) -> Mapping[str, Any]:
        """What the server says of its file once it does not rewrite it."""
        for _ in range(_ASKED):
            found: Mapping[str, Any] = self._client.info("persistence")
            if not (found["aof_rewrite_in_progress"] or found["aof_rewrite_scheduled"]):
                return found
            time.sleep(_PAUSE)
        raise RedisError("it takes long to rewrite it")

    def settle(self, position: str, read: Sequence[Streamed], closed: Mapping[str, int], keep: float) -> None:
        """Acknowledge what is archived, and trim what is older than that.

        Args:
            position: the last archived entry, which always stays.
            read: what was read and is archived now.
            closed: the numbers with which archived segments ended, whose heads nobody needs any more.
            keep: how long archived entries stay in the stream, in seconds.
        """
        pipe = self._client.pipeline(transaction=False)
        if read:
            pipe.xack(STREAM, ARCHIVE, *(each.id for each in read))
        if position != START:
            seconds, microseconds = self._client.time()
            before = f"{max(0, int((seconds - keep) * 1000) + microseconds // 1000)}-0"
            pipe.xtrim(STREAM, minid=min(position, before, key=_order), approximate=False)
        for segment in closed:
            pipe.hdel(HEADS, segment)
        pipe.execute()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _order(stream_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = stream_id.partition("-")
    return int(milliseconds), int(sequence)


def _streamed(stream_id: bytes, fields: Mapping[bytes, bytes] | None) -> Streamed:
    known = fields or {}
    return Streamed(stream_id.decode(), known.get(b"entry", b""), known.get(b"signature", b""))
