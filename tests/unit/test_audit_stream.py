"""The stream: a server that could lose entries is refused, and whoever follows misses nothing."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import NoPermissionError

from audit.stream import REQUIRED, STREAM, UnsafeStreamError, check_durable, connect, entries
from resolvers.refusals import Refusal
from tests.evidence import entry, writer
from tests.streams import FakeStream as Server


async def test_a_durable_server_is_accepted() -> None:
    """A server with every required setting passes."""
    await check_durable(Server())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (name, found)
        for name, required in sorted(REQUIRED.items())
        for found in ("no", "yes", "everysec", "allkeys-lru", "", None)
        if found != required
    ],
)
async def test_an_unsafe_setting_is_named(name: str, found: str | None) -> None:
    """A server with one other setting, or one that does not tell, is refused by the setting's name and cure."""
    settings = {**REQUIRED, name: found}
    server = Server({key: value for key, value in settings.items() if value is not None})
    with pytest.raises(UnsafeStreamError, match=f"has {name} {found}, .* Set {name} to {REQUIRED[name]} "):
        await check_durable(server)  # type: ignore[arg-type]


async def test_a_client_waits_no_longer_than_told() -> None:
    """Connecting and each reply are bounded by the given time."""
    client = connect("redis://127.0.0.1:1/0", 0.25)
    known = client.connection_pool.connection_kwargs
    assert (known["socket_timeout"], known["socket_connect_timeout"]) == (0.25, 0.25)
    own = writer(client)
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await own.record(entry("r"))
    assert own._task
    own._task.cancel()
    await client.aclose()


async def test_a_server_that_does_not_tell_is_refused() -> None:
    """A server that lets nobody read its settings is refused with the permission that is missing."""
    with pytest.raises(UnsafeStreamError, match="CONFIG GET"):
        await check_durable(Server(failure=NoPermissionError("no")))  # type: ignore[arg-type]


class Busy:
    """A client whose server gets an entry between two waits for one.

    Attributes:
        positions: from where each wait began.
        waits: how long each could last, in milliseconds.
    """

    connection_pool = SimpleNamespace(connection_kwargs={"socket_timeout": 0.3})

    def __init__(self) -> None:
        self.positions: list[bytes] = []
        self.waits: list[int] = []

    async def xrevrange(self, _key: str, count: int) -> list[Any]:
        """Nothing so far."""
        assert count
        return []

    async def xread(self, streams: Mapping[str, bytes], block: int) -> list[Any]:
        """Nothing at first; then what was written between, to whoever did not ask for the future alone."""
        self.positions.append(streams[STREAM])
        self.waits.append(block)
        await asyncio.sleep(0)
        if len(self.positions) == 1 or streams[STREAM] == b"$":
            return []
        return [(STREAM, [(b"1-0", {b"entry": b'{"kind": "access", "receipt": "r"}'})])]


async def test_nothing_is_missed_between_two_waits() -> None:
    """An entry that is written between two waits is seen by the second, and no wait outlasts the client's timeout."""
    busy = Busy()
    async with asyncio.timeout(2):
        found = await anext(entries(busy, last=0, follow=True))  # type: ignore[arg-type]
    assert found["receipt"] == "r"
    assert len(busy.positions) == 2
    assert all(0 < wait < 300 for wait in busy.waits)
