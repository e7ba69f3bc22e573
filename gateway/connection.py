"""Connections: uvicorn's own, with a bound on how many there are, on a request's head, and on what may wait.

uvicorn leaves all three open. Without them, a client that never ends its headers, or sends them a byte a minute, holds
memory and connections; one that sends ever more requests without waiting for an answer has them all kept, each a
hundred times its size; and one that opens ever more connections leaves a worker no file for anybody else's.
"""

import asyncio
import resource
from functools import cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 65_536
"""How many bytes a request's line and headers may take."""
HEAD_SECONDS = 10.0
"""How long they may take to arrive, in seconds."""
MAX_CONNECTIONS = 2048
"""How many connections a worker keeps, where it may open twice as many files: it needs some for its engines too."""
IDLE_SECONDS = 75
"""How long a connection may rest between requests, in seconds: longer than proxies keep theirs, most of them a minute.
Whoever closes first must be the one who sends requests: one that meets a connection being closed is lost."""
_FINAL = (b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4", b"HTTP/1.1 5")
_END = b"\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@cache
def most_connections() -> int:
    """How many connections this process keeps: half as many as it may open files, so that it can reach its engines.

    Most systems let a process open 1,024 until it asks for more, which is done here.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 2 * MAX_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < files:
        files = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return files // 2


class _Response:
    """A transport on which a response's head leaves with the first of its body: each write wakes the client."""

    __slots__ = ("_head", "_transport", "is_closing")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write, but keep the head for what follows; what comes before it is no head yet."""
        if self._head is None and data.startswith(_FINAL):
            self._head = data
        else:
            self._transport.write(self._head + data if self._head else data)
            self._head = self._head and b""

    def flush(self) -> None:
        """Write what is kept."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Write what is kept, and close."""
        self.flush()
        self._transport.close()


class _EarlyError(Exception):
    """A request came before the last one was answered."""


class Connection(HttpToolsProtocol):
    """One connection: it is closed when a head is too long or too slow, or a request comes before the last answer.

    The body has bounds of its own; where it is not waited for, what is left of it may take as long as a head. Where
    there are too many connections, the one whose last request is longest ago makes room.
    """

    _head = 0
    _last = b""
    _late: asyncio.TimerHandle | None = None
    _rest: asyncio.TimerHandle | None = None
    _whole = True
    _response: _Response

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._begin()
        _KEPT[self] = None
        if len(_KEPT) > most_connections():
            next(each for each in _KEPT if not each.is_spared()).drop()  # this one, where all others are

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        _KEPT.pop(self, None)
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head has become too long."""
        if self._late is None and self.cycle is not None and self.cycle.response_complete:
            if self._whole:
                self._begin()  # the first bytes of another request on the same connection
            elif self._rest is None:  # what is left of a body that was not waited for
                self._rest = self.loop.call_later(HEAD_SECONDS, self.transport.close)
        if self._late is not None and self._longer(data) > MAX_HEAD:
            self._refuse(_TOO_LARGE)  # unread: whoever asks for much with it has not signed in
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Another request begins: one at a time.

        Raises:
            _EarlyError: the one before is not answered yet; nothing after it is read.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            raise _EarlyError
        super().on_message_begin()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, unless that would stand in the middle of an answer."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._end()
        self._whole = False
        super().on_headers_complete()
        self._response = _Response(self.transport)
        self.cycle.transport = self._response  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """The body is there."""
        self._end()
        self._whole = True
        _KEPT[self] = _KEPT.pop(self)
        if self.cycle is not None and self.cycle.response_complete:  # what was left of it: now the next may come
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The response is there: also where a head is all of it."""
        self._response.flush()
        super().on_response_complete()

    def is_spared(self) -> bool:
        """Whether a whole request is being answered to a client that reads."""
        answering = self._whole and self.cycle is not None and not self.cycle.response_complete
        return answering and not self.flow.write_paused and not self.transport.is_closing()

    def drop(self) -> None:
        """End it now: to close it would wait until the client has read everything."""
        del _KEPT[self]
        self.transport.abort()

    def _longer(self, data: bytes) -> int:
        """How long the head is by now, without what follows it; its end may come in two pieces."""
        seen = self._last + data
        end = seen.find(_END)
        self._head += len(data) if end < 0 else max(0, end - len(self._last))
        self._last = seen[1 - len(_END) :]
        return self._head

    def _begin(self) -> None:
        self._head, self._last = 0, b""
        self._late = self.loop.call_later(HEAD_SECONDS, self._refuse, _TOO_SLOW)

    def _end(self) -> None:
        for timer in (self._late, self._rest):
            if timer is not None:
                timer.cancel()
        self._late = self._rest = None

    def _refuse(self, answer: bytes) -> None:
        self._end()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


_KEPT: dict[Connection, None] = {}
"""This process's connections, first those whose last request is longest ago."""
SERVER: dict[str, Any] = {
    "http": Connection,
    "timeout_keep_alive": IDLE_SECONDS,
    "ws": "none",
    "log_level": "warning",
    "access_log": False,
}
"""What uvicorn is told, wherever it serves: these connections, no WebSocket, and no log of who asked what."""
