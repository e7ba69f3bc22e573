"""Reading every entry of an archive: each once and in order, though files are merged meanwhile."""

from pathlib import Path

import orjson
import pytest

from audit.archive.archiver import Archiver
from audit.archive.folder import ArchiveError, NotArchivedError
from gateway.workbench.recorded import archived
from tests.archives import LOG, MemoryStream, Scribe, archiver


def filled(folder: Path, count: int) -> tuple[Scribe, Archiver]:
    """An archive of so many accesses, and who goes on with it."""
    scribe = Scribe(MemoryStream())
    scribe.accesses(count)
    own = archiver(folder, scribe.stream)
    own.round()
    return scribe, own


def receipts(folder: Path, since: str = "") -> list[str]:
    """The receipts of the accesses that are read."""
    entries = [orjson.loads(leaf.entry) for leaf in archived(folder, LOG.verifier, since)]
    return [entry["receipt"] for entry in entries if entry["kind"] == "access"]


def test_an_archive_that_is_merged_meanwhile_is_read_once(tmp_path: Path) -> None:
    """While files that are being read are merged into others, no entry is missed and none is told twice."""
    folder = tmp_path / "archive"
    scribe, own = filled(folder, 8)
    scribe.accesses(2, 8)
    own.round()
    assert len([*(folder / "entries").rglob("*.parquet")]) == 2
    reading = archived(folder, LOG.verifier)
    read = [next(reading)]
    scribe.accesses(20, 10)
    own.round()
    assert len([*(folder / "entries").rglob("*.parquet")]) == 1
    read += reading
    assert [leaf.index for leaf in read] == list(range(len(read)))
    entries = [orjson.loads(leaf.entry) for leaf in read]
    assert [each["receipt"] for each in entries if each["kind"] == "access"] == [f"{n:032x}" for n in range(30)]


def test_days_before_are_left_out(tmp_path: Path) -> None:
    """Days before the one that is asked for are not read; the one just before it still is, for clocks may differ."""
    folder = tmp_path / "archive"
    filled(folder, 2)
    assert len(receipts(folder, "2026-03-03")) == 2
    assert receipts(folder, "2026-03-04T10:00") == []


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    """A file that cannot be read is named as damage, and where there is no archive that is said."""
    folder = tmp_path / "archive"
    with pytest.raises(NotArchivedError, match="directory audit archive"):
        receipts(folder)
    filled(folder, 2)
    for path in (folder / "entries").rglob("*.parquet"):
        path.write_bytes(b"damaged")
    with pytest.raises(ArchiveError, match="directory audit verify"):
        receipts(folder)
