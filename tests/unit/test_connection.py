"""Connections on a real socket: what comes before a request's body is bounded, and nothing is upgraded."""

import asyncio
import asyncio.selector_events
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from gateway import connection
from gateway.app import create_app
from gateway.connection import MAX_HEAD, _Response
from gateway.settings import read_settings
from tests.serving import connected, served
from tests.unit.test_settings import NEEDED

HEAD = b"GET / HTTP/1.1\r\nhost: gateway\r\n"


@pytest.fixture(name="port")
async def _port() -> AsyncIterator[int]:
    async def well(request: Request) -> PlainTextResponse:
        await request.body()
        return PlainTextResponse("well")

    async def unread(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("well")

    async def streamed(_request: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"HTTP/1.1 200 is no head here", b"well"):
                yield piece

        return StreamingResponse(pieces())

    routes = [Route("/", well, methods=["GET", "POST"]), Route("/unread", unread, methods=["POST"])]
    app = Starlette(routes=[*routes, Route("/streamed", streamed)])
    async with served(app, timeout_keep_alive=1) as port:
        yield port


async def answer(port: int, *pieces: bytes, first: bytes = b"", last: bytes = b"") -> bytes:
    """What a connection is answered until it is closed.

    Args:
        port: where to.
        pieces: what is sent, piece by piece.
        first: a request that is sent, and answered, before.
        last: what is sent again and again after them.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    before = await reader.readuntil(b"well") if first else b""
    reading = asyncio.create_task(_read(reader))
    async with asyncio.timeout(20):
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            while last and not reading.done():
                writer.write(last)
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass  # it was closed, as it should be
        read = await reading
    writer.close()
    return before + read


async def _read(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection is closed, or reset because the server reads no more of it."""
    read = b""
    try:
        while piece := await reader.read(65536):
            read += piece
    except ConnectionError:
        pass
    return read


async def test_an_ordinary_request_is_served(port: int) -> None:
    """Requests one after another on one connection are answered, with headers of an ordinary size."""
    told = HEAD + b"x-reason: " + b"a" * 8_000 + b"\r\n"
    read = await answer(port, told + b"connection: close\r\n\r\n", first=told + b"\r\n")
    assert read.count(b"200 OK") == 2


@pytest.fixture(name="written")
def _written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is written, write by write, requests too."""
    writes: list[bytes] = []
    transport: Any = vars(asyncio.selector_events)["_SelectorSocketTransport"]
    write = transport.write

    def noted(self: asyncio.Transport, data: bytes) -> None:
        writes.append(bytes(data))
        write(self, data)

    monkeypatch.setattr(transport, "write", noted)
    return writes


async def test_an_answer_leaves_in_one_piece(port: int, written: list[bytes]) -> None:
    """A response's head and body are written together, so that the client wakes once."""
    await answer(port, HEAD + b"connection: close\r\n\r\n")
    (response,) = [each for each in written if each.startswith(b"HTTP/1.1")]
    assert response.startswith(b"HTTP/1.1 200 OK\r\n")
    assert response.endswith(b"\r\n\r\nwell")


@pytest.mark.parametrize("ending", [b"connection: close\r\n\r\n", b"\r\n"])
async def test_a_head_without_a_body_leaves(port: int, ending: bytes) -> None:
    """A response that is a head alone is written at once, whether the connection ends with it or not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD.replace(b"GET", b"HEAD") + ending)
    async with asyncio.timeout(20):
        read = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert read.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: 4\r\n" in read


async def test_a_body_in_pieces_leaves_whole(port: int) -> None:
    """Of a body that comes in pieces nothing is lost or changes places, whatever it looks like."""
    read = await answer(port, b"GET /streamed HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n")
    assert read.split(b"\r\n\r\n", 1)[1] == b"1c\r\nHTTP/1.1 200 is no head here\r\n4\r\nwell\r\n0\r\n\r\n"


def _response() -> tuple[_Response, list[bytes]]:
    """A response's transport, and what is written to the one below it, write by write."""
    written: list[bytes] = []
    below = SimpleNamespace(write=written.append, is_closing=bool, close=lambda: None)
    return _Response(cast("asyncio.Transport", below)), written


def test_only_a_head_is_kept() -> None:
    """What comes before the head, and each piece after the first, is written at once, even if it looks like a head."""
    response, written = _response()
    for piece in (b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OK", b"well", b"HTTP/1.1 200 OK", b"well"):
        response.write(piece)
    assert written == [b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OKwell", b"HTTP/1.1 200 OK", b"well"]


def test_a_head_is_not_lost_with_its_body() -> None:
    """Where a connection is closed behind a head whose body fails, the head has been written, and once."""
    response, written = _response()
    response.write(b"HTTP/1.1 200 OK")
    for _ in range(2):
        response.close()
    assert written == [b"HTTP/1.1 200 OK"]


async def test_a_client_that_waits_before_its_body_is_told_to_go_on(port: int) -> None:
    """Whoever asks whether to send a body is told so before there is an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nhost: gateway\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n")
    async with asyncio.timeout(20):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"x")
        assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()


async def test_a_long_body_is_no_long_head(port: int) -> None:
    """What follows the headers is not counted with them."""
    body = b"x" * (MAX_HEAD * 3)
    head = b"POST / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert b"200 OK" in await answer(port, head, body)


async def test_what_is_left_of_a_body_is_no_head(port: int) -> None:
    """A body that comes after its request was refused is passed over, and the next request is answered."""
    body = b"x" * (MAX_HEAD * 3)
    refused = b"POST /unread HTTP/1.1\r\nhost: gateway\r\ncontent-length: %d\r\n\r\n" % len(body)
    half = len(body) // 2
    rest = (body[:half], body[half:], HEAD + b"connection: close\r\n\r\n")
    read = await answer(port, *rest, first=refused)
    assert (read.count(b"200 OK"), read.count(b"HTTP/1.1")) == (2, 2)


@pytest.mark.parametrize("more", [b"", b"G"])
async def test_after_the_rest_of_a_body_the_next_request_is_not_waited_for_for_ever(port: int, more: bytes) -> None:
    """A client that says nothing more after the rest of a refused body is hung up on, as after any other answer."""
    refused = b"POST /unread HTTP/1.1\r\nhost: gateway\r\ncontent-length: 10\r\n\r\n"
    assert (await answer(port, b"x" * 10 + more, first=refused)).count(b"HTTP/1.1") == 1


async def test_a_body_that_is_not_waited_for_does_not_go_on_for_ever(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that goes on sending the body of a request that was refused is cut off, without another word."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.05)
    refused = b"POST /unread HTTP/1.1\r\nhost: gateway\r\ncontent-length: 99999999999\r\n\r\n"
    assert (await answer(port, first=refused, last=b"x" * 100)).count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("last", [b"x-header: " + b"a" * 900 + b"\r\n", b"a" * 1000])
async def test_endless_headers_are_cut_off(port: int, last: bytes) -> None:
    """Headers without end, many or one, are cut off: 431 if the client listens, and the connection is closed."""
    read = await answer(port, HEAD + b"x-first: ", last=last)
    assert read == b"" or b" 431 " in read


@pytest.mark.parametrize("pieces", [1, 2, 3])
async def test_a_long_head_that_is_complete_is_not_read(port: int, pieces: int) -> None:
    """A head that is too long is refused unread even if it arrives at once; where it ends may come in two pieces."""
    long = HEAD + b"x-long: " + b"a" * MAX_HEAD + b"\r\n\r\n"
    assert b"200 OK" not in await answer(port, long)
    body = b"b" * MAX_HEAD
    head = b"POST / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert b"200 OK" in await answer(port, head[:-pieces], head[-pieces:] + body)


async def test_a_second_head_has_the_same_bound(port: int) -> None:
    """On a connection that is kept, the next request's headers are bounded like the first's."""
    read = await answer(port, HEAD + b"x-first: ", first=HEAD + b"\r\n", last=b"a" * 1000)
    assert read.count(b"200 OK") == 1
    assert b"200 OK" not in read.partition(b" 431 ")[2]


@pytest.mark.parametrize("more", [1, 5000])
async def test_a_request_before_the_last_answer_ends_the_connection(port: int, more: int) -> None:
    """Who sends requests without waiting for an answer is hung up on, and none of them is kept."""
    request = HEAD + b"\r\n"
    assert await answer(port, request * (1 + more)) == b""
    assert (await answer(port, request * (1 + more), first=request)).count(b"200 OK") == 1


async def test_slow_headers_are_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers that do not arrive in time are answered with 408, and the connection is closed."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.05)
    assert b" 408 " in await answer(port, HEAD)


@pytest.mark.parametrize("lengths", [b"content-length: 1\r\ncontent-length: 2\r\n", b"content-length: x\r\n"])
async def test_contradictory_lengths_are_refused(port: int, lengths: bytes) -> None:
    """A request whose length is said twice, or is no number, is answered with 400, and nothing after it is read."""
    read = await answer(port, b"POST / HTTP/1.1\r\nhost: gateway\r\n" + lengths + b"\r\nab" + HEAD + b"\r\n")
    assert b" 400 " in read
    assert b"200 OK" not in read


async def test_a_connection_at_rest_outlives_a_proxys() -> None:
    """Between requests a connection is kept longer than a proxy keeps its own: none is closed as it is used."""
    kept, _ = connected(PlainTextResponse("well"))
    kept.data_received(HEAD + b"\r\n")
    async with asyncio.timeout(20):
        await asyncio.gather(*kept.tasks)
    assert kept.timeout_keep_alive_task is not None
    assert kept.timeout_keep_alive_task.when() - asyncio.get_running_loop().time() > 60
    kept.connection_lost(None)


async def test_no_connection_is_upgraded(port: int) -> None:
    """A request to become a WebSocket is answered as the plain request that it is, and stays HTTP."""
    upgrade = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    read = await answer(port, HEAD + upgrade + b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    assert b"101" not in read.split(b"\r\n")[0]


async def test_no_route_takes_a_websocket() -> None:
    """Even a server that understood WebSockets would have every one closed before it is accepted."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    app = create_app(read_settings(NEEDED))
    for path in ("/graphql", "/livez", "/"):
        await app({"type": "websocket", "path": path, "headers": [], "subprotocols": ["graphql-ws"]}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"] * 3
