"""Verification names the place of whatever is not as it was archived."""

import random
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.archive.folder import Folder
from audit.archive.log import State, Writing
from audit.archive.manifest import Manifest
from audit.archive.reading import leaves_of
from audit.archive.rows import Leaf
from audit.archive.source import Streamed
from audit.archive.tables import Tables, hashed, parquet
from audit.checkpoint import open_checkpoint
from audit.merkle import consistency
from audit.note import COSIGNING, generate
from audit.tiles import Tiles, loader
from audit.witness.state import Declined, Request, Witness, create_witness
from tests.archives import DAY, LOG, SIGNING, MemoryStream, Scribe, archiver, changed, faults, verified

WITNESS = generate("witness.example", COSIGNING)


@pytest.fixture(name="whole", scope="module")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two days and several tiles, grown in steps, witnessed on its way."""
    folder, stream = tmp_path_factory.mktemp("whole") / "archive", MemoryStream()
    scribe = Scribe(stream)
    keeper = archiver(folder, stream)
    keeper.witnesses = (WITNESS.verifier.text,)
    for number, part in enumerate((200, 90, 40)):
        scribe.accesses(part, begin=1000 * number)
        stream.now += DAY * (number == 1)
        keeper.round()
        if number != 1:
            _cosign(folder)
    return folder


def _cosign(folder: Path) -> None:
    state = State.load(Folder(folder), LOG.verifier)
    assert state.opened
    signed = WITNESS.sign(state.opened.note.text.encode(), 1_800_000_000)
    line = replace(
        state.opened.note.signatures[0], name="witness.example", hash=WITNESS.verifier.hash, signature=signed
    )
    Writing(Folder(folder), Tables(Folder(folder)), LOG).cosign(state, [line])


def files(folder: Path) -> list[Path]:
    """Every file with content."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


@pytest.fixture(name="copy")
def _copy(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "archive")


def test_what_was_not_changed_is_sound(whole: Path) -> None:
    """An archive as it was made has no fault, and says who has signed it and when."""
    verdict = verified(whole, witnesses=[WITNESS.verifier])
    assert (verdict.faults, verdict.entries) == ([], 331)
    assert verdict.cosigned == {"witness.example": (1_800_000_000, 331)}


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 255))
def test_any_byte_that_is_changed_is_noticed(whole: Path, dice: random.Random, flip: int) -> None:
    """One byte changed anywhere in the archive is a fault, which names the file or a leaf that is in it."""
    path = dice.choice(files(whole))
    content = path.read_bytes()
    place = dice.randrange(len(content))
    name = path.relative_to(whole).as_posix()
    try:
        path.write_bytes(content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :])
        found = faults(whole)
    finally:
        path.write_bytes(content)
    assert [fault for fault in found if name in fault], (name, place, found)


def test_every_file_is_needed(whole: Path) -> None:
    """A file that is gone is a fault that names it; only outgrown tiles and the lock may go."""
    for path in files(whole):
        name, content = path.relative_to(whole).as_posix(), path.read_bytes()
        path.unlink()
        found = faults(whole)
        path.write_bytes(content)
        spare = name.startswith("cosigned/") or name in {"tile/0/001.p/35", "tile/entries/001.p/35"}
        assert bool(found) != spare, name
        assert spare or any(name in fault for fault in found), (name, found)


def test_a_file_that_was_put_in_is_named(copy: Path) -> None:
    """A file that the manifest does not name is a fault, whatever it is called."""
    real = next((copy / "records").rglob("*.parquet"))
    for strange in (real.with_name("000000000500-000000000600.parquet"), copy / "note", copy / "tile/0/009"):
        shutil.copy(real, strange)
        assert [str(strange.relative_to(copy)) in fault for fault in faults(copy)] == [True]
        strange.unlink()


def _rewritten(copy: Path, name: str, query: str) -> None:
    """Change a data file and have the log's own key vouch for it, as who has stolen that key could."""
    state, folder = State.load(Folder(copy), LOG.verifier), Folder(copy)
    tables = Tables(folder)
    file = next(file for file in state.manifest.files if file.path.startswith(name) and file.first <= 7)
    path = folder.data(file.path)
    tables.database.execute(f"CREATE TABLE t AS FROM {parquet([path])}")
    tables.database.execute(query)
    tables.database.execute(f"COPY (FROM t ORDER BY leaf) TO '{path}.2' (FORMAT parquet)")
    Path(f"{path}.2").replace(path)

    kept = tuple(each for each in state.manifest.files if each != file)
    manifest = replace(state.manifest, files=(*kept, replace(file, sha256=hashed(path))))
    Writing(folder, tables, LOG).commit(state, manifest)


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("entries", "DELETE FROM t WHERE leaf = 7", "leaf 7 is missing: leaf 8, entry 8 of segment"),
        ("entries", "UPDATE t SET account = 'nobody' WHERE leaf = 7", "leaf 7, entry 7 of segment .* columns"),
        ("entries", "UPDATE t SET entry = from_hex('7b7d') WHERE leaf = 7", "leaf 7, entry 7 .* not the one"),
        ("entries", "INSERT INTO t SELECT * FROM t WHERE leaf = 7", "leaf 8 is missing: leaf 7"),
        ("records", "UPDATE t SET account = 'nobody' WHERE leaf = 7", "records of leaf 7 are not those"),
        ("records", "DELETE FROM t WHERE leaf = 7", "records of leaf 7 are not those"),
        ("records", "UPDATE t SET shown = ['name'] WHERE leaf = 7", "records of leaf 7 are not those"),
        (
            "records",
            "INSERT INTO t BY NAME SELECT * REPLACE (9999 AS leaf) FROM t WHERE leaf = 7",
            "records of leaf 9999",
        ),
    ],
)
def test_what_a_stolen_log_key_vouches_for_is_held_against_the_tree(
    copy: Path, name: str, query: str, said: str
) -> None:
    """Rows that were changed are named by leaf, segment and number even where files and checkpoint fit them."""
    _rewritten(copy, name, query)
    found = faults(copy)
    assert re.search(said, "\n".join(found)), found


def _past_rewritten(tmp_path: Path, whole: Path) -> Path:
    """An archive of the same length whose eighth entry is another, all of it signed with the stolen keys."""
    state = State.load(Folder(whole), LOG.verifier)
    database = Tables(Folder(whole)).database
    leaves = [leaf for file in state.manifest.of("entries") for leaf, _ in leaves_of(database, whole / file.path)]
    forged = changed(Streamed(leaves[7].stream, leaves[7].entry, b""), SIGNING, account="b")
    leaves[7] = Leaf(7, forged.id, forged.entry, forged.signature)
    folder, begun = Folder(tmp_path / "forged"), replace(state.manifest, size=0, files=())
    with folder.alone():
        Writing(folder, Tables(folder), LOG).add(State(begun), begun, leaves)
    return folder.path


def test_a_past_that_was_signed_anew_fails_against_one_honest_witness(tmp_path: Path, whole: Path) -> None:
    """Who has stolen the log's key can write another past, but no honest witness signs it, and the old one tells."""
    create_witness(tmp_path / "witness", "honest.example")
    witness = Witness(tmp_path / "witness", [LOG.verifier])
    true = open_checkpoint((whole / "checkpoint").read_bytes(), LOG.verifier)
    witness.cosign(Request(0, [], true.note))
    forged = _past_rewritten(tmp_path, whole)
    note = open_checkpoint((forged / "checkpoint").read_bytes(), LOG.verifier).note
    tree = Tiles(loader(forged), 331)
    for old in (0, 300, 331):
        with pytest.raises(Declined):
            witness.cosign(Request(old, consistency(old, 331, tree.node), note))
    assert "honest.example has signed neither" in "".join(faults(forged, witnesses=[witness.key]))
    shutil.copytree(whole / "cosigned", forged / "cosigned")
    assert "its past was changed" in "".join(faults(forged))


def test_an_archive_that_grows_meanwhile_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verification of an archive that an archiver adds to at the same time finds nothing wrong with it."""
    stream, folder, grown = MemoryStream(), tmp_path / "archive", list[str]()
    scribe = Scribe(stream)
    scribe.accesses(5)
    archiver(folder, stream).round()
    real = Manifest.parse

    def late(data: bytes) -> Manifest:
        if not grown:
            grown.append("by one")
            scribe.accesses(1, begin=5)
            archiver(folder, stream).round()
        return real(data)

    monkeypatch.setattr(Manifest, "parse", late)
    verdict = verified(folder)
    assert (verdict.faults, verdict.entries, grown) == ([], 7, ["by one"])
