"""How the issuer's keys are followed: cached, renewed, rotated, lost and found."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.http import ready
from gateway.identity import Authenticator
from gateway.jwks import KeySource
from gateway.jwks.origin import MAX_BYTES
from gateway.jwks.source import REFRESH_SECONDS, TRUST_SECONDS
from resolvers.refusals import Refusal
from tests.tokens import AUDIENCE, ISSUER, URL, Clock, Publisher, key_set, token


def followed(publisher: Publisher, clock: Clock) -> tuple[KeySource, Authenticator]:
    """A key source, and an authenticator that uses it."""
    source = KeySource(URL, transport=publisher, clock=clock)
    return source, Authenticator(source, ISSUER, AUDIENCE, 5)


async def code(check: Authenticator, name: str) -> str | None:
    """With which code a token of a key is refused; None if it is accepted."""
    try:
        await check.principal([f"Bearer {token(name)}"])
    except Refusal as refusal:
        return refusal.code
    return None


async def test_keys_are_fetched_once_while_they_are_fresh() -> None:
    """Many requests need one fetch."""
    publisher, clock = Publisher(key_set("ed-1")), Clock(0)
    _, check = followed(publisher, clock)
    assert [await code(check, "ed-1") for _ in range(5)] == [None] * 5
    assert publisher.asked == 1


async def test_requests_that_arrive_together_share_a_fetch() -> None:
    """Requests that arrive before the keys are known wait for one fetch."""
    publisher, clock = Publisher(key_set("ed-1")), Clock(0)
    _, check = followed(publisher, clock)
    assert await asyncio.gather(*(code(check, "ed-1") for _ in range(20))) == [None] * 20
    assert publisher.asked == 1


async def test_a_look_outlives_whoever_asked_for_it() -> None:
    """Where whoever needed the keys first has left, as a probe does, the keys come all the same."""
    publisher, clock = Publisher(key_set("ed-1")), Clock(0)
    source, check = followed(publisher, clock)
    probe = asyncio.create_task(source.ping())
    await asyncio.sleep(0)
    probe.cancel()
    assert await code(check, "ed-1") is None
    assert (publisher.asked, probe.cancelled()) == (1, True)
    await source.aclose()


async def test_a_rotation_is_followed_at_the_first_new_token() -> None:
    """A token of a new key is accepted at once, if the last look is not too recent."""
    publisher, clock = Publisher(key_set("ed-1")), Clock(0)
    _, check = followed(publisher, clock)
    assert await code(check, "ed-1") is None
    publisher.answer, clock.now = key_set("ed-1", "ed-2"), 10
    assert await code(check, "ed-2") is None
    assert await code(check, "ed-1") is None
    assert publisher.asked == 2


async def test_unknown_keys_do_not_hammer_the_issuer() -> None:
    """However many tokens of unknown keys arrive, the issuer is asked once in ten seconds."""
    publisher, clock = Publisher(key_set("ed-1")), Clock(0)
    _, check = followed(publisher, clock)
    codes = [await code(check, f"ed-unknown-{number}") for number in range(20)]
    clock.now = 10
    codes += [await code(check, "ed-unknown-1"), await code(check, "ed-unknown-2")]
    assert set(codes) == {"UNAUTHENTICATED"}
    assert publisher.asked == 2


async def test_a_withdrawn_key_is_noticed_in_time() -> None:
    """A key that the issuer withdraws is trusted for five minutes more at the most."""
    publisher, clock = Publisher(key_set("ed-1", "ed-2")), Clock(0)
    _, check = followed(publisher, clock)
    assert await code(check, "ed-2") is None
    publisher.answer, clock.now = key_set("ed-1"), REFRESH_SECONDS
    assert await code(check, "ed-2") == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("nonsense"),
        500,
        404,
        302,
        b"",
        b"nonsense",
        b"[]",
        b'{"keys": {}}',
        b'{"keys": []}' + b" " * MAX_BYTES,
    ],
)
async def test_without_keys_nobody_is_let_in(failure: bytes | int | Exception) -> None:
    """An issuer that cannot be reached, or publishes nonsense, keeps everybody out for that reason."""
    publisher, clock = Publisher(failure), Clock(0)
    source, check = followed(publisher, clock)
    assert await code(check, "ed-1") == "IDENTITY_UNAVAILABLE"
    with pytest.raises(Refusal, match="IDENTITY_UNAVAILABLE"):
        await source.ping()
    publisher.answer, clock.now = key_set("ed-1"), 10
    assert await code(check, "ed-1") is None
    await source.ping()
    await source.aclose()


async def test_known_keys_outlast_an_outage_for_a_while() -> None:
    """While the issuer is away its known keys are trusted, for an hour at the most; unknown ones cannot be judged."""
    publisher, clock = Publisher(key_set("ed-1")), Clock(0)
    _, check = followed(publisher, clock)
    assert await code(check, "ed-1") is None
    publisher.answer, clock.now = httpx.ConnectError("refused"), REFRESH_SECONDS
    assert await code(check, "ed-1") is None
    assert await code(check, "ed-2") == "IDENTITY_UNAVAILABLE"
    clock.now = TRUST_SECONDS
    assert await code(check, "ed-1") == "IDENTITY_UNAVAILABLE"


async def test_an_outage_does_not_hammer_the_issuer() -> None:
    """While the issuer is away it is asked once in ten seconds, not for every request."""
    publisher, clock = Publisher(httpx.ConnectError("refused")), Clock(0)
    _, check = followed(publisher, clock)
    assert {await code(check, "ed-1") for _ in range(5)} == {"IDENTITY_UNAVAILABLE"}
    assert publisher.asked == 1


async def test_a_file_is_followed_whenever_it_changes(tmp_path: Path) -> None:
    """A key set in a file takes effect with the next request after it changed, and outlasts its removal for a while."""
    path = tmp_path / "keys with spaces.json"
    check = Authenticator(KeySource(path.as_uri()), ISSUER, AUDIENCE, 5)
    assert await code(check, "ed-1") == "IDENTITY_UNAVAILABLE"
    path.write_bytes(key_set("ed-1"))
    assert await code(check, "ed-1") is None
    path.write_bytes(key_set("ed-2"))
    os.utime(path, ns=(1, 1))
    assert await code(check, "ed-1") == "UNAUTHENTICATED"
    assert await code(check, "ed-2") is None
    path.unlink()
    assert await code(check, "ed-2") is None
    assert await code(check, "ed-1") == "IDENTITY_UNAVAILABLE"


async def test_an_unfit_file_is_no_key_set(tmp_path: Path) -> None:
    """A file that is too long to be a key set, or a folder in its place, is not read."""
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set("ed-1") + b" " * MAX_BYTES)
    for url in (path.as_uri(), tmp_path.as_uri()):
        assert await code(Authenticator(KeySource(url), ISSUER, AUDIENCE, 5), "ed-1") == "IDENTITY_UNAVAILABLE"


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/jwks.json",
        "http://10.0.0.1/jwks.json",
        "http://127.0.0.1.example/jwks.json",
        "ftp://issuer.example/jwks.json",
        "file:jwks.json",
        "file://elsewhere/jwks.json",
        "/jwks.json",
        "https:///jwks.json",
        "",
    ],
)
def test_keys_are_not_taken_from_just_anywhere(url: str) -> None:
    """Keys come over TLS, from this machine or from a file; any other address is refused with advice."""
    with pytest.raises(ValueError, match="give an https: URL"):
        KeySource(url)


@pytest.mark.parametrize(
    "url", [URL, "http://127.0.0.1:9/k", "http://[::1]:9/k", "http://localhost:9/k", "file:///k", "file://localhost/k"]
)
def test_safe_addresses_are_accepted(url: str) -> None:
    """An https: URL, an http: URL on this machine and a file: URL are all accepted."""
    assert KeySource(url)


async def test_a_compressed_key_set_is_not_unpacked() -> None:
    """What the issuer sends is read as it is, so that a small body cannot become a large one."""

    class Bomb(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            assert request.headers["accept-encoding"] == "identity"
            return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=_Chunks(), request=request)

    class _Chunks(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"\x1f\x8b" + bytes(MAX_BYTES)

    check = Authenticator(KeySource(URL, transport=Bomb()), ISSUER, AUDIENCE, 5)
    assert await code(check, "ed-1") == "IDENTITY_UNAVAILABLE"


async def test_readiness_names_an_unreachable_issuer() -> None:
    """A gateway that cannot check tokens says that it is not ready, and names the part."""
    source, _ = followed(Publisher(500), Clock(0))
    transport = httpx.ASGITransport(ready({"identity": source.ping}))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "down": ["identity"]}
