"""Purging removes what entries said and leaves every proof; a proof needs nothing but itself."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import httpx
import orjson
import pytest

from audit.archive.folder import ArchiveError, Folder, NotArchivedError
from audit.archive.log import State, Writing, asked
from audit.archive.manifest import Purged
from audit.archive.proof import prove
from audit.archive.tables import Tables
from audit.chain import Receipt
from audit.keystore import KeyStore
from audit.note import generate
from audit.questions import Archive, Question
from audit.witness.client import Peer, Peers
from audit.witness.http import witness_app
from audit.witness.state import Witness, create_witness
from tests.archives import DAY, LOG, Crash, MemoryStream, Scribe, archiver, breaking, faults, verified
from tests.verifier import verify


def receipt_of(stream: MemoryStream, number: int) -> Receipt:
    """The receipt of an entry of a stream."""
    found = stream.entries[number]
    content = orjson.loads(found.entry)
    return Receipt(content.get("receipt", "0" * 32), hashlib.sha256(found.entry).digest(), found.signature)


@pytest.fixture(name="three_days")
def _three_days(tmp_path: Path) -> tuple[Path, MemoryStream]:
    folder, stream = tmp_path / "archive", MemoryStream()
    scribe = Scribe(stream)
    for day in range(3):
        scribe.accesses(100, begin=1000 * day)
        archiver(folder, stream).round()
        stream.now += DAY
    return folder, stream


def test_go_accepts_a_proof(three_days: tuple[Path, MemoryStream]) -> None:
    """A program that shares nothing with this one accepts the proof of each receipt, and nothing else."""
    folder, stream = three_days
    for number in (1, 100, 300):
        text = prove(Folder(folder), LOG.verifier, receipt_of(stream, number)).text.encode()
        done = verify("proof", LOG.verifier.text, given=text)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["index"] == number
        line = text.split(b"\n")[3]
        for wrong in (text.replace(b"index %d" % number, b"index 2"), text.replace(line, line[::-1]), text[:-9]):
            assert verify("proof", LOG.verifier.text, given=wrong).returncode == 1
        assert verify("proof", generate(LOG.verifier.name).verifier.text, given=text).returncode == 1


def test_a_proof_carries_the_witness(three_days: tuple[Path, MemoryStream], tmp_path: Path) -> None:
    """A proof is against the newest checkpoint that a witness has signed, if it covers the entry."""
    folder, stream = three_days
    create_witness(tmp_path / "witness", "witness.example")
    witness = Witness(tmp_path / "witness", [LOG.verifier])
    keeper = archiver(folder, stream)
    keeper.peers = Peers(
        [Peer("http://witness.example", witness.key)], transport=httpx.ASGITransport(witness_app(witness))
    )
    keeper.witnesses = (witness.key.text,)
    assert keeper.witness() == {}
    Scribe(stream).accesses(5)
    keeper.round()
    for number, signed in ((1, ["directory.example/log", "witness.example"]), (303, ["directory.example/log"])):
        text = prove(Folder(folder), LOG.verifier, receipt_of(stream, number)).text.encode()
        done = verify("proof", LOG.verifier.text, witness.key.text, given=text)
        assert json.loads(done.stdout)["signed"] == signed
    assert faults(folder, witnesses=[witness.key]) == []
    assert keeper.witness() == {}
    assert verified(folder).cosigned["witness.example"][1] == 307


def test_what_is_not_archived_has_no_proof(three_days: tuple[Path, MemoryStream], tmp_path: Path) -> None:
    """A receipt that the log does not hold is refused with what that may mean, and so is an empty archive."""
    folder, stream = three_days
    strange = replace(receipt_of(stream, 1), signature=bytes(64))
    with pytest.raises(NotArchivedError, match="archive the stream first"):
        prove(Folder(folder), LOG.verifier, strange)
    with pytest.raises(NotArchivedError, match="Nothing is archived yet"):
        prove(Folder(tmp_path / "empty"), LOG.verifier, strange)
    archiver(folder, stream).purge(date(2026, 3, 4), "r")
    with pytest.raises(NotArchivedError, match="archive the stream first"):
        prove(Folder(folder), LOG.verifier, strange)


def test_no_proof_is_made_of_what_was_changed(three_days: tuple[Path, MemoryStream]) -> None:
    """Where the tree no longer holds an entry as it was archived, there is no proof, but the advice to verify."""
    folder, stream = three_days
    (folder / "cosigned").mkdir()
    (folder / "cosigned" / "damaged").write_bytes(b"damaged")
    assert prove(Folder(folder), LOG.verifier, receipt_of(stream, 5)).index == 5
    tile = folder / "tile/0/000"
    content = bytearray(tile.read_bytes())
    content[32 * 5] ^= 1
    tile.write_bytes(content)
    with pytest.raises(ArchiveError, match="directory audit verify"):
        prove(Folder(folder), LOG.verifier, receipt_of(stream, 7))


def test_a_purge_removes_entries_and_keeps_proofs(three_days: tuple[Path, MemoryStream]) -> None:
    """After a purge the days before are gone, verification says how many entries, and their receipts still prove."""
    folder, stream = three_days
    keeper = archiver(folder, stream)
    assert keeper.purge(date(2026, 3, 2), "r") is None
    removed = keeper.purge(date(2026, 3, 4), "r")
    assert removed
    assert (removed.first, removed.last) == (0, 200)
    verdict = verified(folder)
    assert (verdict.faults, verdict.purged, verdict.entries) == ([], 201, 101)
    assert {path.parent.name for path in folder.rglob("*.parquet")} == {
        "day=2026-03-04",
        f"day={datetime.now(UTC).date()}",
    }
    text = prove(Folder(folder), LOG.verifier, receipt_of(stream, 5)).text.encode()
    assert verify("proof", LOG.verifier.text, given=text).returncode == 0
    answer = Archive(folder, LOG.verifier).accesses(Question(child="c"))
    assert (len(answer.accesses), answer.purged) == (100, "2026-03-03")
    Scribe(stream).accesses(3, begin=5000)
    assert keeper.round().problems == ()
    assert faults(folder) == []


def test_a_purge_that_was_broken_off_is_ended_by_the_next(
    three_days: tuple[Path, MemoryStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of months that are purged go with the next command; nothing goes that no archive says was purged."""
    folder, stream = three_days
    keeper, old = archiver(folder, stream), "c|2026-02|1"
    keeper.keys.add({old: b"1"})
    assert keeper.purge(date(2026, 3, 2), "r") is None
    assert keeper.keys.get([old])
    with monkeypatch.context() as patched:
        patched.setattr(KeyStore, "purge", breaking(KeyStore.purge, 0))
        with pytest.raises(Crash):
            keeper.purge(date(2026, 3, 4), "r")
    assert keeper.keys.get([old])
    assert keeper.purge(date(2026, 3, 4), "r") is None
    assert keeper.keys.get([old]) == {}


def test_entries_that_went_without_record_are_a_fault(three_days: tuple[Path, MemoryStream]) -> None:
    """Removing entries and saying so in the manifest alone, with the log's stolen key, is named."""
    folder, _ = three_days
    state = State.load(Folder(folder), LOG.verifier)
    kept = tuple(file for file in state.manifest.files if file.day != "2026-03-02")
    last = max(file.last for file in state.manifest.files if file.day == "2026-03-02")
    manifest = replace(state.manifest, files=kept, purged=(Purged("2026-03-02", 0, last),))
    Writing(Folder(folder), Tables(Folder(folder)), LOG).commit(state, manifest)
    assert [fault for fault in faults(folder) if "no entry of the archive records it" in fault]


def test_days_out_of_order_are_not_purged(tmp_path: Path) -> None:
    """Where the stream's clock went back, nothing is purged that could lie between what stays."""
    folder, stream = tmp_path / "archive", MemoryStream()
    scribe = Scribe(stream)
    scribe.accesses(3)
    keeper = archiver(folder, stream)
    keeper.round()
    stream.now -= 3 * DAY
    stream.entries.clear()
    scribe.accesses(3, begin=3)
    keeper.round()
    with pytest.raises(ArchiveError, match="not in order"):
        keeper.purge(date(2026, 3, 1), "r")


def test_forgetting_a_subject_reaches_the_stream_too(tmp_path: Path) -> None:
    """Keys that are still in the stream are destroyed with those that were moved."""
    folder, stream = tmp_path / "archive", MemoryStream()
    scribe = Scribe(stream)
    scribe.accesses(2)
    keeper = archiver(folder, stream)
    keeper.round()
    stream.wrapped |= {"c|2026-04|1": b"1", "d|2026-04|1": b"2"}
    assert keeper.forget("c") == 2
    assert list(stream.wrapped) == ["d|2026-04|1"]


def test_a_proof_is_made_while_the_archive_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof whose files are merged into others meanwhile is made from those; one whose files are gone is not."""
    folder, stream, grown = tmp_path / "archive", MemoryStream(), list[str]()
    scribe = Scribe(stream)
    scribe.accesses(5)
    archiver(folder, stream).round()
    real_read, real_data = Folder.read, Folder.data

    def more(name: str) -> None:
        if name not in grown:
            grown.append(name)
            scribe.accesses(1, begin=10 + len(grown))
            archiver(folder, stream).round()

    def read(self: Folder, name: str) -> bytes:
        if name.startswith("manifest/"):
            more("manifest")
        return real_read(self, name)

    def data(self: Folder, name: str) -> Path:
        found = real_data(self, name)
        more("data")
        return found

    kept = receipt_of(stream, 3)
    with monkeypatch.context() as patched:
        patched.setattr(Folder, "read", read)
        patched.setattr(Folder, "data", data)
        assert prove(Folder(folder), LOG.verifier, kept).index == 3
    assert grown == ["manifest", "data"]
    next((folder / "entries").rglob("*.parquet")).unlink()
    with pytest.raises(ArchiveError, match="directory audit verify"):
        prove(Folder(folder), LOG.verifier, kept)


def test_an_archive_that_grows_all_the_time_is_not_asked_for_ever(tmp_path: Path) -> None:
    """A question whose files are gone each time it is asked ends with advice, instead of going on."""
    folder, stream, asks = tmp_path / "archive", MemoryStream(), list[int]()
    scribe = Scribe(stream)

    def grow() -> None:
        scribe.accesses(1, begin=len(asks))
        asks.append(len(asks))
        archiver(folder, stream).round()

    def ask(*_: object) -> None:
        grow()
        raise duckdb.IOException("the file is gone")

    grow()
    with pytest.raises(ArchiveError, match="Ask again, or for fewer days"):
        asked(Folder(folder), LOG.verifier, ask)
    assert len(asks) < 10
