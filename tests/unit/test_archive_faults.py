"""What hardly ever happens to an archive, and is named all the same."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.archive.folder import Folder
from audit.archive.log import State, Writing
from audit.archive.manifest import End
from audit.archive.rows import Leaf, decoded, entry_row, record_rows
from audit.archive.tables import Tables
from audit.note import sign
from audit.questions import Archive, Question
from tests.archives import LOG, Crash, MemoryStream, Scribe, archived, archiver, breaking, faults

ENTRY = {"v": 2, "segment": "ab" * 16, "n": 0, "prev": "00" * 32, "kind": "access", "at": "2026-03-02T12:00:00+00:00"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": 1},
        {"segment": "ab"},
        {"segment": "AB" * 16},
        {"segment": 7},
        {"prev": None},
        {"kind": None},
        {"n": True},
        {"n": -1},
        {"n": 1},
        {"n": 2**60},
        {"n": "0"},
        {"at": "yesterday"},
        {"at": 7},
    ],
)
def test_what_is_no_entry(wrong: dict[str, object]) -> None:
    """An entry that does not say where it belongs, or when it was, is malformed, and has a row with its bytes alone."""
    decoded(json.dumps(ENTRY).encode())
    data = json.dumps({**ENTRY, **wrong}).encode()
    with pytest.raises((TypeError, ValueError)):
        decoded(data)
    row = entry_row(Leaf(7, "1772452800000-0", data, b""))
    assert row.keys() == {"leaf", "stream", "hash", "entry", "signature"}


@pytest.mark.parametrize("data", [b"[]", b"{", b"\xff"])
def test_what_is_no_object(data: bytes) -> None:
    """What is no JSON object is malformed."""
    with pytest.raises(ValueError, match=r"no entry|unexpected|UTF-8|JSON"):
        decoded(data)


@pytest.mark.parametrize("wrong", [{"receipt": 7}, {"records": [{}]}, {"records": 7}, {"codes": 7}])
def test_content_that_fits_no_row(wrong: dict[str, object]) -> None:
    """An entry whose content cannot be told in rows has none on records, and is archived all the same."""
    leaf = Leaf(7, "1772452800000-0", json.dumps({**ENTRY, **wrong}).encode(), b"")
    assert list(record_rows(leaf)) == []
    assert entry_row(leaf)["leaf"] == 7


def _archive(tmp_path: Path) -> tuple[Path, State, Writing]:
    folder, stream = tmp_path / "archive", MemoryStream()
    Scribe(stream).accesses(3)
    archiver(folder, stream).round()
    found = Folder(folder)
    return folder, State.load(found, LOG.verifier), Writing(found, Tables(found), LOG)


def _forged(state: State, **more: Any) -> tuple[State, Any]:
    return state, replace(state.manifest, **more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ends": {"ab" * 16: End(9, "00" * 32)}}, "segments end elsewhere"),
        ({"files": ()}, "no file holds the leaves 0 to 3"),
    ],
)
def test_a_manifest_that_lies_is_found_out(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    """A manifest that the log's stolen key vouches for is still held against the entries."""
    folder, state, writing = _archive(tmp_path)
    writing.commit(*_forged(state, **more))
    assert [fault for fault in faults(folder) if said in fault]


def test_a_root_that_is_not_the_trees_is_found_out(tmp_path: Path) -> None:
    """A checkpoint that the log's stolen key has signed is still held against the tree."""
    folder, state, _ = _archive(tmp_path)
    assert state.opened
    forged = replace(state.opened.checkpoint, root=bytes(32))
    (folder / "checkpoint").write_bytes(sign(forged.text, [LOG]).data)
    assert [fault for fault in faults(folder) if "its root is not that of the 4 leaves" in fault]


def test_a_file_that_is_garbage_is_named_and_the_rest_verified(tmp_path: Path) -> None:
    """A data file that cannot be read is named with its leaves; the verification goes on."""
    folder, state, _ = _archive(tmp_path)
    for kind in ("entries", "records"):
        (path,) = [folder / file.path for file in state.manifest.files if file.kind == kind]
        content = path.read_bytes()
        path.write_bytes(b"garbage")
        found = faults(folder)
        assert [fault for fault in found if path.name in fault and "cannot be read" in fault]
        path.write_bytes(content)
    assert faults(folder) == []


def test_a_crash_in_the_first_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the very first commit breaks off, the next archiver begins anew."""
    stream, at = MemoryStream(), 0
    Scribe(stream).accesses(3)
    while True:
        folder = tmp_path / f"archive-{at}"
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", breaking(os.fsync, at))
            try:
                archiver(folder, stream).round()
                break
            except Crash:
                at += 1
        archiver(folder, stream).round()
        assert archived(folder) == [each.entry for each in stream.entries]
        assert faults(folder) == []
    assert at > 5


def test_nobody_is_asked_to_sign_what_is_not_there(tmp_path: Path) -> None:
    """Without witnesses, and without a checkpoint, nobody is asked."""
    keeper = archiver(tmp_path / "archive", MemoryStream())
    assert keeper.witness() == {}
    called: Callable[..., Any] = pytest.fail
    keeper.peers = type("Nobody", (), {"ask": called})()
    assert keeper.witness() == {}


def test_a_log_begins_empty(tmp_path: Path) -> None:
    """An archive of an empty stream is sound, answers that there is nothing, and goes on from there."""
    folder, stream = tmp_path / "archive", MemoryStream()
    assert archiver(folder, stream).round().archived == 0
    assert faults(folder) == []
    assert Archive(folder, LOG.verifier).accesses(Question(child="c")).accesses == ()
    Scribe(stream).accesses(3)
    assert archiver(folder, stream).round().archived == 4
    assert faults(folder) == []
