"""The archive of a real stream: what a gateway's writer appends arrives, is witnessed, and leaves the stream."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from audit.archive.archiver import Archiver
from audit.archive.folder import Folder
from audit.archive.source import Source
from audit.archive.verify import Verification
from audit.keys import signer, verifier, writer_keys
from audit.keystore import KeyStore
from audit.seal import Sealer
from audit.stream import ARCHIVE, HEADS, KEYS, STREAM, connect
from audit.witness.client import Peer, Peers
from audit.witness.http import witness_app
from audit.witness.state import Witness, create_witness
from audit.writer import Writer
from gateway.engines import EngineSet
from tests.evidence import entry, keys_folder


async def _write(url: str, receipts: range) -> None:
    client = connect(url, 5.0)
    keys = writer_keys(keys_folder())
    own = Writer(client, keys.signer, Sealer(keys.reading))
    await asyncio.gather(*(own.record(entry(f"{n:032x}")) for n in receipts))
    await own.close()
    await client.aclose()


@pytest.fixture(name="clean")
def _clean(engine_set: EngineSet) -> Any:
    """The stream's server, without a stream."""
    client: Any = Redis.from_url(engine_set.engines.stream_url)
    client.delete(STREAM, HEADS, KEYS)
    yield client
    client.delete(STREAM, HEADS, KEYS)
    client.close()


def test_a_real_stream_is_archived_once(engine_set: EngineSet, clean: Any, tmp_path: Path) -> None:
    """Entries of two workers arrive once, in batches and after a restart; then the stream keeps only the newest."""
    url, keys = engine_set.engines.stream_url, keys_folder()
    create_witness(tmp_path / "witness", "witness.example")
    log, signing = signer(keys / "log.key"), verifier(keys / "signing.pub")
    witness = Witness(tmp_path / "witness", [log.verifier])
    peers = Peers([Peer("http://witness.example", witness.key)], transport=httpx.ASGITransport(witness_app(witness)))
    folder, store = Folder(tmp_path / "archive"), KeyStore(tmp_path / "keys.sqlite")
    counted = 0
    for receipts in (range(30), range(30, 37)):
        asyncio.run(_write(url, receipts))
        archiver = Archiver(folder, Source(url), store, signing, log, peers, (witness.key.text,), kept=0.0)
        done = archiver.round(count=10)
        counted += done.archived
        while done.more:
            assert archiver.source.behind(done.position)
            done = archiver.round(count=10)
            counted += done.archived
        assert archiver.source.behind(done.position) is None
        assert archiver.witness() == {}
        archiver.source.close()
    assert counted == 37 + 2 * 2
    assert (clean.xlen(STREAM), clean.hlen(HEADS), clean.hlen(KEYS)) == (1, 0, 0)
    (group,) = clean.xinfo_groups(STREAM)
    assert (group["name"], group["pending"]) == (ARCHIVE, 0)
    verdict = Verification(folder, signing, log.verifier, [witness.key]).run()
    assert (verdict.faults, verdict.entries) == ([], counted)
    assert verdict.cosigned["witness.example"][1] == counted
