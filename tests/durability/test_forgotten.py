"""What is forgotten leaves the stream's server too, and not its memory alone."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from audit.archive.archiver import Archiver
from audit.archive.folder import ArchiveError, Folder
from audit.archive.source import Source
from audit.keys import signer, verifier
from audit.keystore import KeyStore
from audit.stream import KEYS, connect
from tests.durability.servers import Server
from tests.evidence import entry, keys_folder, writer


def test_a_forgotten_key_leaves_the_file(server: Server, tmp_path: Path) -> None:
    """Once a subject is forgotten, the stream's server has written its file anew, and their key is nowhere in it."""
    asyncio.run(_recorded(server.url))
    client: Any = Redis.from_url(server.url)
    held = {name: wrapped for name, wrapped in client.hgetall(KEYS).items() if name.startswith(b"c|")}
    keys = keys_folder()
    signing, log = verifier(keys / "signing.pub"), signer(keys / "log.key")
    source = Source(server.url)
    archiver = Archiver(Folder(tmp_path / "archive"), source, KeyStore(tmp_path / "keys.sqlite"), signing, log)
    assert held
    assert all(wrapped in _written(server.folder) for wrapped in held.values())
    assert archiver.forget("c") == len(held)
    assert not any(wrapped in _written(server.folder) for wrapped in held.values())
    source.close()
    client.close()


def test_a_file_that_is_not_written_anew_is_told(server: Server) -> None:
    """If the server cannot write its file anew, whoever forgets is told that the keys are in it yet, and what to do."""
    client: Any = Redis.from_url(server.url)
    client.set("something", "to write")
    (server.folder / "appendonlydir").rename(server.folder / "elsewhere")
    (server.folder / "appendonlydir").write_text("no folder", "utf-8")
    source = Source(server.url)
    with pytest.raises(ArchiveError, match="Run BGREWRITEAOF there"):
        source.rewrite()
    source.close()
    client.close()


async def _recorded(url: str) -> None:
    client = connect(url, 5.0)
    own = writer(client)
    await own.record(entry("r"))
    await own.close()
    await client.aclose()


def _written(folder: Path) -> bytes:
    """All that a server has on disk."""
    return b"".join(file.read_bytes() for file in sorted((folder / "appendonlydir").iterdir()))
