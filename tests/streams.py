"""An audit stream in memory whose server fails as told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as Late

from audit.stream import REQUIRED, STREAM

FAULTS = ("before", "after", "late", "stale", "refused")
"""How an append may fail: nothing arrives; the reply is lost; it arrives after the next question; the server is
replaced by one that missed the newest entry; the server says no."""
BREAKS = ("unsent", "unheard", "shut")
"""How a connection may break under an append, which is then sent again: before it arrives, before its reply does, or
earlier, which uvloop says with another error."""
_UNSENT = {"before": Late, "unsent": Lost, "shut": RuntimeError}
_UNHEARD = {"after": Late, "unheard": Lost}


@dataclass
class FakeStream:
    """A Redis client whose server has these settings, keeps what is appended, and fails the next appends as told.

    Attributes:
        settings: the server's settings.
        faults: what the next appends meet; None where they succeed.
        failure: what every call fails with, if it fails.
        entries: entries and signatures.
        heads: for each segment its mark.
        keys: subjects' keys.
        appends: how many appends arrived.
        confirmations: how many replicas confirm.
    """

    settings: Mapping[str, str] = field(default_factory=lambda: dict(REQUIRED))
    faults: list[str | None] = field(default_factory=list)
    failure: BaseException | None = None
    entries: list[tuple[bytes, bytes]] = field(default_factory=list)
    heads: dict[str, bytes] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    appends: int = 0
    confirmations: int = 0
    late: list[tuple[Any, ...]] = field(default_factory=list)
    connection_pool: "FakePool" = field(init=False)

    def __post_init__(self) -> None:
        self.connection_pool = FakePool(self)

    def decoded(self) -> list[dict[str, Any]]:
        """The entries as readers see them."""
        return [orjson.loads(entry) for entry, _ in self.entries]

    async def config_get(self, name: str) -> dict[str, str]:
        """One setting."""
        if self.failure:
            raise self.failure
        return {name: self.settings[name]} if name in self.settings else {}

    async def hget(self, _key: str, segment: str) -> bytes | None:
        """A segment's mark; what comes late arrives behind this question."""
        if self.failure:
            raise self.failure
        found = self.heads.get(segment)
        for arguments in self.late:
            self.run(*arguments)
        self.late.clear()
        return found

    def run(self, segment: str, before: bytes, after: bytes, links: str, _keys: str, *batch: Any) -> str:
        """The append script."""
        self.appends += 1
        head = self.heads.get(segment, b"")
        if head == after:
            return "AGAIN"
        if head != before:
            raise ResponseError("the segment ends elsewhere")
        count = 2 * int(links)
        self.entries += list(zip(batch[:count:2], batch[1:count:2], strict=True))
        self.keys |= dict(zip(batch[count::2], batch[count + 1 :: 2], strict=True))
        self.heads[segment] = after
        return "OK"

    def replaced(self, segment: str) -> None:
        """Another server takes over, without the newest entry."""
        if self.entries:
            self.entries.pop()
        self.heads[segment] = b"0:stale"


@dataclass
class FakePool:
    """Makes connections."""

    stream: FakeStream
    connection_kwargs: Mapping[str, float] = field(default_factory=lambda: {"socket_timeout": 1.0})

    async def get_connection(self) -> "FakeConnection":
        """One more."""
        return FakeConnection(self.stream)


@dataclass
class FakeConnection:
    """A connection of one's own."""

    stream: FakeStream
    replies: list[Any] = field(default_factory=list)

    def pack_commands(self, commands: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """They are sent as they are."""
        return commands

    async def send_packed_command(self, commands: list[tuple[Any, ...]], *, check_health: bool) -> None:
        """An append, and perhaps a wait for replicas."""
        assert not check_health
        (_, _, _, stream, _, _, *arguments), *waits = commands
        assert stream == STREAM
        assert all(milliseconds > 0 for _, _, milliseconds in waits)
        if self.stream.failure:
            raise self.stream.failure
        fault = (self.stream.faults.pop(0) if self.stream.faults else None) or ""
        if fault in _UNSENT:
            raise _UNSENT[fault]("Ada")
        if fault == "refused":
            self.replies = [ResponseError("OOM Ada")]
            return
        if fault == "late":
            self.stream.late.append(tuple(arguments))
            raise Late("Ada")
        if fault == "stale":
            self.stream.replaced(arguments[0])
        try:
            self.replies = [self.stream.run(*arguments), *(self.stream.confirmations for _ in waits)]
        except ResponseError as error:
            self.replies = [error]
        if fault in _UNHEARD:
            raise _UNHEARD[fault]("Ada")

    async def read_response(self) -> Any:
        """The next reply."""
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def disconnect(self, *, nowait: bool = False) -> None:  # noqa: ARG002 - as the real one's
        """What was not read is lost."""
        self.replies.clear()


def numbers(found: Iterable[Mapping[str, Any]], kind: str) -> list[int]:
    """The numbers of the entries of a kind."""
    return [entry["n"] for entry in found if entry["kind"] == kind]
