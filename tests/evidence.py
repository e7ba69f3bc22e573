"""Writers of audit entries with keys of their own, and reading what they wrote."""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from redis.asyncio import Redis

from audit.keys import make_keys
from audit.seal import Sealer, unsealed
from audit.stream import KEYS, STREAM
from audit.writer import PAUSES, Writer
from resolvers.model import Access, Entry, Shown

READING = X25519PrivateKey.generate()
"""Opens what these writers seal."""
SIGNING = Ed25519PrivateKey.generate()
"""Signs what they write."""


@cache
def keys_folder() -> Path:
    """A folder with every key, for as long as the tests run."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    make_keys(folder, "directory.example")
    return folder


def writer(client: Redis, replicas: int = 0, pauses: Sequence[float] = PAUSES) -> Writer:
    """A writer for a stream."""
    return Writer(client, SIGNING, Sealer(READING.public_key()), replicas, pauses=pauses)


def entry(receipt: str, reason: str = "a call: Zoë") -> Entry:
    """An access to one child."""
    shown = Shown("child", "Child", "open|true|none", ("number",), {"gender": "ROLE"}, ("c",), ("c",))
    access = Access("safeguarding", reason)
    return Entry(receipt, "2026-03-02T12:00:00.000+00:00", "answered", "a", access, None, None, disclosed=(shown,))


async def written(client: Redis) -> list[dict[str, Any]]:
    """Every entry of a stream, decoded, oldest first."""
    reader: Any = client
    return [orjson.loads(fields[b"entry"]) for _, fields in await reader.xrange(STREAM)]


async def confided_in(client: Redis, found: dict[str, Any]) -> dict[str, Any] | None:
    """What was sealed in an entry, opened with the keys that the stream still holds."""
    reader: Any = client
    keys = {name.decode(): wrapped for name, wrapped in (await reader.hgetall(KEYS)).items()}
    return unsealed(found, keys, READING)


async def settled(own: Writer) -> None:
    """Wait until a writer knows where its segment ends, and has said what it had to say."""
    for _ in range(500):
        if own.settled and not own._withheld and not own._unsure:
            return
        await asyncio.sleep(0)
    raise AssertionError("the writer does not settle")
