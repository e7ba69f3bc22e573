"""What is not GraphQL: bytes, JSON that readers differ on, headers that lie, and connections that are left."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from tests.fuzz.documents import broken, large, valid


@dataclass(frozen=True)
class Sent:
    """A request as bytes: the head without its last empty line, and the body."""

    head: bytes
    body: bytes

    def bytes(self) -> bytes:
        """All of it."""
        return self.head + b"\r\n\r\n" + self.body


_JSON = (
    b'{"query": "{ __typename }", "query": "{ me { id } }"}',
    b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    b'{"query": "{ __typename }", "variables": {"a": 1e999}}',
    b'{"query": "\xff\xfe"}',
    b'{"query": "\\ud800"}',
    b'[{"query": "{ __typename }"}]',
    b'{"query": 1}',
    b'{"query": null, "variables": []}',
    b"[" * 40_000,
    b'{"a":' * 15_000,
    b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 9_000 + b"}}",
    b"\x00" * 500,
    b"",
    b" " * 99_000,
    b'"' + b"x" * 150_000 + b'"',
)
_LIES: tuple[Mapping[str, bytes], ...] = (
    {"authorization": b"Bearer x.y.z"},
    {"authorization": b"Bearer " + b"A" * 9_000},
    {"authorization": b"Basic YTpi"},
    {"content-type": b"text/plain"},
    {"content-type": b"application/json; charset=utf-16"},
    {"content-encoding": b"gzip"},
    {"accept": b"text/html"},
    {"accept": b",;q=,*/*;q=9" * 300},
    {"accept": b'"' + b'\\"' * 30_000},
    {"content-type": b'application/json; a="' + b'\\"' * 30_000},
    {"x-access-reason": b"\xff\xfe\x80"},
    {"x-access-reason": b"%00%0a%e2%80%ae"},
    {"x-access-reason": b"r" * 2_000},
    {"x-access-purpose": b"world-domination"},
    {"x-on-behalf-of": b"somebody"},
    {"traceparent": b"00-" + b"0" * 90},
    {"content-length": b"99999999999999999999"},
    {"content-length": b"-1"},
    {"transfer-encoding": b"chunked"},
    {"expect": b"100-continue"},
    {"upgrade": b"websocket", "connection": b"upgrade"},
    {"host": b"\x01"},
    {f"x-{'n' * 40}{number}": b"v" * 400 for number in range(60)},
)


def hostile(r: Random, headers: Mapping[str, str]) -> Sent:
    """One request by somebody who is signed in, or lies about it."""
    sent = {name: value.encode() for name, value in headers.items()}
    method, target, body = b"POST", b"/graphql", _body(r)
    match r.randrange(10):
        case 0:
            method = r.choice((b"PUT", b"DELETE", b"OPTIONS", b"HEAD", b"GET", b"PATCH", b"BREW"))
        case 1:
            method, body = b"GET", b""
            target = (
                f"/graphql?query={quote(r.choice((valid, broken))(r)['query'].encode('utf-8', 'replace'))}".encode()
            )
        case 2:
            target = r.choice((b"/", b"/graphql/", b"/../x", b"/graphql?%ff%=&&&", b"/livez", b"/readyz", b"/%00"))
    if r.random() < 0.4:
        sent |= r.choice(_LIES)
    sent = {"host": b"gateway", "content-length": str(len(body)).encode(), "connection": b"close", **sent}
    lines = [method + b" " + target + b" HTTP/1.1", *(name.encode() + b": " + v for name, v in sent.items())]
    return Sent(b"\r\n".join(lines), body)


def _body(r: Random) -> bytes:
    match r.randrange(8):
        case 0:
            return r.choice(_JSON)
        case 1:
            return r.randbytes(r.choice((1, 20, 3_000)))
        case 2:
            whole = bytearray(_written(valid(r)))
            for _ in range(r.choice((1, 3, 20))):
                whole[r.randrange(len(whole))] = r.randrange(256)
            return bytes(whole)
    return _written(r.choice((valid, broken, broken, large))(r))


def _written(asked: object) -> bytes:
    return json.dumps(asked).encode()


async def send(port: int, sent: bytes, seconds: float) -> bytes:
    """Send bytes on a connection of its own and read what comes back, until it is closed or the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = bytearray()
    try:
        async with asyncio.timeout(seconds):
            writer.write(sent)
            await writer.drain()
            while piece := await reader.read(65536):
                answer += piece
    except (TimeoutError, ConnectionError):
        pass  # a client that was cut off, or that waits in vain: what has come so far counts
    finally:
        writer.close()
    return bytes(answer)
