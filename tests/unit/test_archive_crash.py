"""A commit that breaks off, wherever it does, loses and doubles nothing."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from audit.archive.tables import Tables
from tests.archives import Crash, MemoryStream, Scribe, archived, archiver, breaking, faults


@pytest.mark.parametrize("name", ["fsync", "rename", "unlink"])
def test_a_crash_at_any_step_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Wherever a commit breaks off, the next archiver goes on: every entry is there once, and nothing is wrong."""
    where, called = {"fsync": (os, "fsync"), "rename": (Path, "replace"), "unlink": (Path, "unlink")}[name]
    stream, begun = MemoryStream(), tmp_path / "begun"
    scribe = Scribe(stream)
    scribe.accesses(250)
    archiver(begun, stream).round()
    scribe.accesses(10, begin=250)
    crashes = 0
    while True:
        folder = tmp_path / f"archive-{crashes}"
        shutil.copytree(begun, folder)
        with monkeypatch.context() as patched:
            patched.setattr(where, called, breaking(getattr(where, called), crashes))
            try:
                archiver(folder, stream).round()
                break
            except Crash:
                crashes += 1
        assert faults(folder) == []
        done = archiver(folder, stream).round()
        assert done.problems == ()
        assert archived(folder) == [each.entry for each in stream.entries]
        assert faults(folder) == []
    assert crashes > 1


def test_what_a_kill_leaves_behind_is_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder as it is while rows are being written, when nothing can clear up any more, is sound, and goes on."""
    stream, left = MemoryStream(), list[Path]()
    Scribe(stream).accesses(10)
    ordered = Tables._ordered

    def copying(self: Tables, *given: Any) -> Any:
        left.append(tmp_path / f"left-{len(left)}")
        shutil.copytree(tmp_path / "archive", left[-1])
        return ordered(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Tables, "_ordered", copying)
        archiver(tmp_path / "archive", stream).round()
    assert len(left) == 2
    for folder in left:
        assert any(path.is_file() and path.stat().st_size for path in folder.rglob("*"))
        archiver(folder, stream).round()
        assert faults(folder) == []
