"""The killing, and the reckoning."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from redis import Redis

from audit.archive.folder import Folder
from audit.archive.log import State
from audit.archive.tables import database, parquet
from audit.keys import verifier
from audit.stream import STREAM
from tests.commands import directory
from tests.kills.clients import Kept, ask_without_end
from tests.kills.site import PARTS, Site

LONGEST = 1.2
"""How long a round waits at most before it kills, in seconds."""


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        kills: how often each part was killed.
        kept: what clients were given.
        entries: how many accesses the archive holds.
        lost: the identifiers of receipts whose entry is not in the archive.
        duplicated: the entries that are in the archive more than once.
        verified: what `directory audit verify` says of the archive.
        left: how many entries the stream still holds.
        seconds: how long it took.
    """

    kills: Counter[str] = field(default_factory=Counter)
    kept: Kept = field(default_factory=Kept)
    entries: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    verified: dict[str, Any] = field(default_factory=dict)
    left: int = 0
    seconds: float = 0.0

    @property
    def figures(self) -> str:
        """The figures, as a sentence."""
        kills = ", ".join(f"{part} {count}" for part, count in sorted(self.kills.items()))
        return (
            f"{sum(self.kills.values()):,} kills ({kills}) in {self.seconds:,.0f} s: "
            f"{len(self.kept.receipts):,} answers ({self.kept.answered:,} with data), {self.entries:,} entries, "
            f"lost {len(self.lost):,}, duplicated {len(self.duplicated):,}, faults {len(self.faults):,}; "
            f"{self.left:,} left in the stream"
        )

    @property
    def faults(self) -> list[str]:
        """What is wrong with the archive."""
        return [f"{fault['place']}: {fault['says']}" for fault in self.verified["faults"]]


async def rounds(site: Site, count: int, told: Callable[[int], object] = lambda _: None) -> Outcome:
    """Kill random parts at random moments under load, so many times; then let the archive catch up, and compare."""
    begun, outcome = time.monotonic(), Outcome()
    await asyncio.to_thread(_up, site)
    load = asyncio.create_task(ask_without_end(site, outcome.kept))
    try:
        for done in range(count):
            await _answered(outcome.kept, load)  # a round that nobody was answered in would show nothing
            await asyncio.sleep(random.uniform(0, LONGEST))  # noqa: S311 - a moment, and no secret
            for part in random.sample(PARTS, random.choices([1, 2, 3, 4], [6, 3, 1, 1])[0]):  # noqa: S311 - as above
                await asyncio.to_thread(site.kill, part)
                outcome.kills[part] += 1
            await asyncio.to_thread(_up, site)
            told(done + 1)
    finally:
        load.cancel()
        with suppress(asyncio.CancelledError):
            await load
    await asyncio.to_thread(_reckoned, site, outcome)
    outcome.seconds = time.monotonic() - begun
    return outcome


async def _answered(kept: Kept, load: asyncio.Task[None]) -> None:
    """Return when somebody is answered; fail if the clients have."""
    kept.came.clear()
    waiting = asyncio.create_task(kept.came.wait())
    await asyncio.wait({waiting, load}, return_when=asyncio.FIRST_COMPLETED)
    if load.done():
        waiting.cancel()
        await load


def _up(site: Site) -> None:
    site.start()
    site.await_gateway()


def _reckoned(site: Site, outcome: Outcome) -> None:
    """Compare what clients have with what the archive has, once it has everything."""
    site.gateway.stop()
    site.archiver.stop()
    _said(site, "archive", "--once", "--settings")
    outcome.verified = json.loads(
        _said(
            site,
            "verify",
            "--json",
            "--witness",
            site.key.text,
            "--archive",
            str(site.archive),
            "--keys",
            str(site.keys),
        )
    )
    hashes = Counter[str]()
    for digest, entry in _entries(site):
        hashes[digest] += 1
        outcome.entries += orjson.loads(entry)["kind"] == "access"
    outcome.lost = [each.id for each in outcome.kept.receipts if each.hash.hex() not in hashes]
    outcome.duplicated = [digest for digest, count in hashes.items() if count > 1]
    outcome.left = len(outcome.kept.receipts) and Redis.from_url(site.stream.url).xlen(STREAM)


def _said(site: Site, *words: str) -> str:
    """What an audit command says; its exit code is for whoever reads that."""
    done = directory("audit", *words, more=site.gateway.settings)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def _entries(site: Site) -> list[tuple[str, bytes]]:
    folder = Folder(site.archive)
    manifest = State.load(folder, verifier(site.keys / "log.pub")).manifest
    source = parquet(folder.data(file.path) for file in manifest.of("entries"))
    found: list[tuple[str, bytes]] = database().execute(f"SELECT hash, entry FROM {source} ORDER BY leaf").fetchall()  # noqa: S608 - ours
    return found
