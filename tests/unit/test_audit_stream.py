"""The recorder: an entry is appended whole and confirmed, or the answer does not leave."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import AuthenticationError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import TimeoutError as Late

from audit.event import encode
from audit.stream import REQUIRED, STREAM, StreamRecorder, UnsafeStreamError, check_durable, connect, entries
from resolvers.model import Access, Entry
from resolvers.refusals import Refusal

ENTRY = Entry("r", "2026-03-02T12:00:00.000+00:00", "answered", "a", Access("p", "Ada's reason"), None, None)


@dataclass
class Server:
    """A Redis client whose server has these settings, and keeps or fails what is appended."""

    settings: Mapping[str, str] = field(default_factory=lambda: dict(REQUIRED))
    failure: BaseException | None = None
    added: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def config_get(self, name: str) -> dict[str, str]:
        """One setting."""
        return {name: self.settings[name]} if name in self.settings else {}

    async def xadd(self, key: str, fields: Mapping[str, Any]) -> None:
        """Append."""
        if self.failure:
            raise self.failure
        self.added.append((key, fields))


async def test_an_entry_is_appended_with_its_receipt() -> None:
    """An entry is one append to the one stream, encoded, with its receipt beside it."""
    server = Server()
    await StreamRecorder(server).record(ENTRY)  # type: ignore[arg-type]
    assert server.added == [(STREAM, {"receipt": "r", "entry": encode(ENTRY)})]


@pytest.mark.parametrize(
    "failure",
    [
        Lost("Ada"),
        Late("Ada"),
        AuthenticationError("Ada"),
        ReadOnlyError("Ada"),
        ResponseError("OOM Ada"),
        OSError("Ada"),
    ],
)
async def test_a_fault_of_the_stream_means_no_answer(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the stream fails with, the answer is refused, and the log says what kind of fault and no more."""
    with pytest.raises(Refusal) as caught:
        await StreamRecorder(Server(failure=failure)).record(ENTRY)  # type: ignore[arg-type]
    assert caught.value.codes == ("AUDIT_UNAVAILABLE",)
    assert type(failure).__name__ in caplog.text
    assert "Ada" not in caplog.text


async def test_a_cancelled_record_is_cancelled() -> None:
    """A record that is given up at the deadline is not mistaken for one that was confirmed or refused."""
    with pytest.raises(asyncio.CancelledError):
        await StreamRecorder(Server(failure=asyncio.CancelledError())).record(ENTRY)  # type: ignore[arg-type]


async def test_a_durable_server_is_accepted() -> None:
    """A server with every required setting passes."""
    await check_durable(Server())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("found", ["no", "everysec", "allkeys-lru", "", None])
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
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await StreamRecorder(client).record(ENTRY)
    await client.aclose()


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
        return [(STREAM, [(b"1-0", {b"entry": encode(ENTRY)})])]


async def test_nothing_is_missed_between_two_waits() -> None:
    """An entry that is written between two waits is seen by the second, and no wait outlasts the client's timeout."""
    busy = Busy()
    async with asyncio.timeout(2):
        found = await anext(entries(busy, last=0, follow=True))  # type: ignore[arg-type]
    assert found["receipt"] == "r"
    assert len(busy.positions) == 2
    assert all(0 < wait < 300 for wait in busy.waits)
