"""The metrics: what the writer of the audit record does, as Prometheus reads it."""

import asyncio

import httpx
import pytest

from audit.stream import connect
from gateway.metrics import Metrics, Tally
from resolvers.refusals import Refusal
from tests.evidence import entry, settled, writer
from tests.streams import FakeStream


async def test_what_a_writer_does_is_counted() -> None:
    """The metrics count confirmed entries and their appends, answers withheld, and segments given up."""
    names = (
        "audit_entries_total",
        "audit_append_seconds_count",
        "audit_withheld_total",
        "audit_segments_given_up_total",
    )

    async def counted() -> list[float]:
        shown = {line.split()[0]: float(line.split()[-1]) for line in await scraped() if line[0] != "#"}
        return [shown[f"directory_{name}"] for name in names]

    before = await counted()
    stream = FakeStream(faults=[None, "stale"])
    own = writer(stream)  # type: ignore[arg-type]
    own.tally = Tally()
    await asyncio.gather(*(own.record(entry(f"{n}")) for n in range(3)))
    with pytest.raises(Refusal):
        await own.record(entry("refused"))
    await settled(own)
    assert [now - then for now, then in zip(await counted(), before, strict=True)] == [3, 1, 1, 1]


async def scraped() -> list[str]:
    """The lines that Prometheus gets."""
    nowhere = connect("redis://127.0.0.1:1/0", 0.1)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Metrics(nowhere)), base_url="http://gateway") as client:
        lines = (await client.get("/metrics")).text.splitlines()
    await nowhere.aclose()
    assert "directory_archive_lag_seconds -1.0" in lines
    return lines
