"""What is in the stream and not archived yet is verified as if it were."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.archive.folder import Folder
from audit.archive.source import Streamed
from audit.archive.tail import tail_faults
from tests.archives import MemoryStream, Scribe, archiver, faults, verified


def tail(folder: Path, stream: MemoryStream) -> tuple[int, list[str]]:
    """How many entries wait, and what is wrong with them."""
    verdict = verified(folder)
    assert verdict.faults == []
    assert verdict.chains
    assert verdict.manifest
    waiting, found = tail_faults(Folder(folder), verdict.chains, verdict.manifest, stream)
    return waiting, [str(fault) for fault in found]


@pytest.fixture(name="half", scope="module")
def _half(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MemoryStream]:
    """A stream of which the beginning is archived."""
    folder, stream = tmp_path_factory.mktemp("half") / "archive", MemoryStream()
    scribe = Scribe(stream)
    scribe.accesses(10)
    archiver(folder, stream).round()
    scribe.accesses(10, begin=10)
    return folder, stream


def test_a_sound_tail_is_counted(half: tuple[Path, MemoryStream]) -> None:
    """Entries that are as they were written wait, and nothing is wrong; one that is there twice is no fault."""
    folder, stream = half
    assert tail(folder, stream) == (10, [])
    again = stream.entries[-2]
    twice = replace(stream, entries=[*stream.entries, replace(again, id=f"{stream.now + 1}-0")])
    assert tail(folder, twice) == (11, [])


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 255))
def test_any_byte_that_is_changed_in_the_stream_is_noticed(
    half: tuple[Path, MemoryStream], tmp_path_factory: pytest.TempPathFactory, dice: random.Random, flip: int
) -> None:
    """One byte changed in what waits is a fault that names the entry: before it is archived, and for ever after."""
    folder, stream = half
    place = dice.randrange(11, 21)
    entry = stream.entries[place]
    field = dice.choice(["entry", "signature"])
    content = bytearray(getattr(entry, field))
    content[dice.randrange(len(content))] ^= flip
    entries = list(stream.entries)
    said: dict[str, Any] = {field: bytes(content)}
    entries[place] = replace(entry, **said)
    changed = replace(stream, entries=entries, marks=dict(stream.marks), wrapped={})
    found = tail(folder, changed)[1]
    assert [fault for fault in found if fault.startswith(f"stream {entry.id}: ")]
    late = tmp_path_factory.mktemp("late") / "archive"
    archiver(late, changed).round()
    assert [fault for fault in faults(late) if fault.startswith(f"leaf {place}: ")]


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda entries: entries[:14] + entries[15:], "entry 15 of segment .* 14 is missing"),
        (lambda entries: entries[:-1], "ends with 20, of which 20 is missing"),
        (lambda entries: entries[11:], "no longer holds"),
        (lambda entries: [*entries[:14], replace(entries[15], id=entries[14].id), *entries[15:]], "14 is missing"),
    ],
)
def test_a_tail_with_something_missing_is_noticed(
    half: tuple[Path, MemoryStream], tamper: Callable[[list[Streamed]], list[Streamed]], said: str
) -> None:
    """An entry that was dropped, at the end too, or moved, and a stream that was cut, are named."""
    folder, stream = half
    found = tail(folder, replace(stream, entries=tamper(stream.entries)))[1]
    assert re.search(said, "\n".join(found)), found
