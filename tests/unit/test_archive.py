"""The archive holds every entry of the stream once, whatever is wrong with it, and says what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.archive.archiver import Round
from audit.archive.folder import ArchiveError, Folder
from audit.archive.source import Streamed
from audit.keystore import KeyStore
from audit.note import generate
from audit.seal import key_names, unsealed
from tests.archives import (
    DAY,
    LOG,
    READING,
    SIGNING,
    MemoryStream,
    Scribe,
    archived,
    archiver,
    changed,
    faults,
    rows,
    verified,
)


def codes(done: Round) -> list[str]:
    """What was wrong."""
    return [problem.code for problem in done.problems]


def test_what_is_in_the_stream_is_in_the_archive(tmp_path: Path) -> None:
    """Each entry is there byte for byte, with one row for each record that it touched, by day, and nothing is wrong."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    scribe = Scribe(stream)
    scribe.accesses(3)
    stream.now += DAY
    scribe.accesses(2, begin=3)
    scribe.write("closed")
    wanted = [each.entry for each in stream.entries]
    done = archiver(folder, stream).round()
    assert (done.archived, done.repeated, done.problems, done.more) == (7, 0, (), False)
    assert archived(folder) == wanted
    assert sorted(path.name for path in (folder / "entries").iterdir()) == ["day=2026-03-02", "day=2026-03-03"]
    found = rows(folder, "records", 'receipt, type, id, "of", shown, withheld, account, purpose')
    assert found == [
        (f"{n:032x}", "Child", "c", "c", ["number"], {"gender": "ROLE"}, "a", "safeguarding") for n in range(5)
    ]
    verdict = verified(folder)
    assert (verdict.faults, verdict.entries, verdict.purged) == ([], 7, 0)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=4), st.integers(5, 40))
def test_it_does_not_matter_when_it_is_archived(
    tmp_path_factory: pytest.TempPathFactory, parts: list[int], count: int
) -> None:
    """However many entries come between two rounds, and however many a round takes, the same log results."""
    stream, once, often = MemoryStream(), *(tmp_path_factory.mktemp("archive") / name for name in ("once", "often"))
    scribe = Scribe(stream)
    slow = archiver(often, stream)
    for number, part in enumerate(parts):
        scribe.accesses(part, begin=100 * number)
        while slow.round(count).more:
            pass
    archiver(once, stream).round()
    assert faults(often) == []
    assert [verified(folder).opened.checkpoint.root for folder in (once, often)].count(  # type: ignore[union-attr]
        slow.state.opened.checkpoint.root  # type: ignore[union-attr]
    ) == 2
    assert len(list((often / "entries" / "day=2026-03-02").iterdir())) <= 8


def _dropped(entries: list[Streamed]) -> list[Streamed]:
    return entries[:3] + entries[4:]


def _swapped(entries: list[Streamed]) -> list[Streamed]:
    one, two = entries[3], entries[4]
    return [*entries[:3], replace(two, id=one.id), replace(one, id=two.id), *entries[5:]]


def _inserted(entries: list[Streamed]) -> list[Streamed]:
    forged = changed(entries[2], account="nobody")
    return [*entries[:3], replace(forged, id=entries[2].id.replace("-0", "-1")), *entries[3:]]


def _changed(entries: list[Streamed]) -> list[Streamed]:
    return [*entries[:3], changed(entries[3], account="nobody"), *entries[4:]]


def _signed_anew(entries: list[Streamed]) -> list[Streamed]:
    return [*entries[:3], changed(entries[3], SIGNING, account="nobody"), *entries[4:]]


def _flipped(entries: list[Streamed]) -> list[Streamed]:
    return [*entries[:3], replace(entries[3], signature=bytes(64)), *entries[4:]]


def _garbled(entries: list[Streamed]) -> list[Streamed]:
    return [*entries[:3], replace(entries[3], entry=b"\xff not JSON", signature=b""), *entries[4:]]


def _without_end(entries: list[Streamed]) -> list[Streamed]:
    return entries[:-2]


@pytest.mark.parametrize(
    ("tamper", "expected", "n"),
    [
        (_dropped, ["gap"], 4),
        (_swapped, ["gap", "moved", "gap"][:2], 4),
        (_inserted, ["fork", "signature"], 2),
        (_changed, ["signature", "link"], 3),
        (_signed_anew, ["link"], 4),
        (_flipped, ["signature"], 3),
        (_garbled, ["malformed", "gap"], 4),
        (_without_end, ["cut"], 9),
    ],
)
def test_tampering_is_named_and_loses_nothing(
    tmp_path: Path, tamper: Callable[[list[Streamed]], list[Streamed]], expected: list[str], n: int
) -> None:
    """A stream that was tampered with is archived as it is; what was done is named with its place, for ever after."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    scribe = Scribe(stream)
    scribe.accesses(9)
    stream.entries = tamper(stream.entries)
    wanted = [each.entry for each in stream.entries]
    keeper = archiver(folder, stream)
    done = keeper.round()
    assert codes(done) == expected
    assert n in {problem.n for problem in done.problems}
    kept = [bytes(entry) for (entry,) in rows(folder, "entries", "entry")]
    assert [each for each in kept if b'"kind":"problem"' not in each] == wanted
    assert len([fault for fault in faults(folder) if "the archiver recorded it" in fault]) == len(expected)
    assert len(faults(folder)) == len(expected)
    assert keeper.round().problems == ()


def test_a_repeated_entry_is_left_out(tmp_path: Path) -> None:
    """An entry that is in the stream twice, as after a repeated append, is archived once."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    Scribe(stream).accesses(4)
    again = stream.entries[2]
    stream.append(again.entry, again.signature)
    keeper = archiver(folder, stream)
    done = keeper.round()
    assert (done.archived, done.repeated, done.problems) == (5, 1, ())
    stream.append(again.entry, again.signature)
    assert (keeper.round().repeated, faults(folder)) == (1, [])


def test_a_replaced_stream_is_noticed_and_nothing_of_it_lost(tmp_path: Path) -> None:
    """After failing over to a server that lost entries, the loss is named, what is archived is not archived again."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    scribe = Scribe(stream)
    scribe.accesses(5)
    keeper = archiver(folder, stream)
    keeper.round()
    lost = scribe.head
    stream.entries, stream.marks = stream.entries[:3], {}
    later = Scribe(stream)
    later.write("opened", after={"segment": lost.segment, "n": lost.n + 2, "hash": "", "why": "lost"})
    later.accesses(2, begin=10)
    done = keeper.round()
    assert codes(done) == ["replaced", "lost"]
    assert (done.archived, done.repeated) == (3, 3)
    assert keeper.round().problems == ()
    assert len(archived(folder)) == 9


def test_an_emptied_stream_is_noticed_once(tmp_path: Path) -> None:
    """A stream that has lost everything is named once, and archived from its beginning."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    Scribe(stream).accesses(5)
    keeper = archiver(folder, stream)
    keeper.round()
    stream.entries, stream.marks = [], {}
    assert codes(keeper.round()) == ["replaced"]
    stream.now -= DAY
    Scribe(stream).accesses(2, begin=7)
    done = keeper.round()
    assert (done.archived, done.problems) == (3, ())


def test_an_entry_after_the_end_of_its_segment_is_named(tmp_path: Path) -> None:
    """What a worker that has closed its segment writes is named, whether the end was archived just now or before."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    scribe = Scribe(stream)
    scribe.accesses(1)
    scribe.write("closed")
    scribe.write("access")
    assert codes(archiver(folder, stream).round()) == ["ended"]


def test_a_segment_without_its_beginning_is_named(tmp_path: Path) -> None:
    """A segment whose first entries never came is named by their numbers."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    Scribe(stream).accesses(4)
    stream.entries = stream.entries[2:]
    (problem,) = archiver(folder, stream).round().problems
    assert problem.code == "gap"
    assert "0 to 1 are missing" in problem.says


def test_the_stream_is_trimmed_only_behind_the_archive(tmp_path: Path) -> None:
    """Archived entries stay for the time that is set, the newest of them always, and what is not archived stays too."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    scribe = Scribe(stream)
    scribe.accesses(9)
    done = archiver(folder, stream, kept=0.0).round(count=4)
    assert stream.entries[0].id == done.position
    assert len(stream.entries) == 7
    assert archiver(folder, stream, kept=0.0).round().archived == 6
    assert len(stream.entries) == 1
    assert faults(folder) == []


def test_subjects_keys_move_to_their_own_store(tmp_path: Path) -> None:
    """Keys leave the stream for the key store, from where they open what they are for until they are forgotten."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    Scribe(stream).accesses(2)
    archiver(folder, stream).round()
    assert stream.wrapped == {}
    content = orjson.loads(archived(folder)[1])
    keys = KeyStore(tmp_path / "archive-keys.sqlite")
    opened = unsealed(content, keys.get(key_names(content)), READING)
    assert opened is not None
    assert opened["reason"] == "a call: Zoë"
    wrapped = next(iter(keys.get(key_names(content)).values()))
    assert keys.forget("c") == 1
    assert unsealed(content, keys.get(key_names(content)), READING) is None
    assert wrapped not in (tmp_path / "archive-keys.sqlite").read_bytes()
    assert faults(folder) == []


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    """A damaged, foreign or half-lost archive is refused with its place and cure, and is not written to."""
    stream, folder = MemoryStream(), tmp_path / "archive"
    Scribe(stream).accesses(2)
    archiver(folder, stream).round()
    with pytest.raises(ArchiveError, match="not signed with the key"):
        archiver(folder, stream, generate(LOG.verifier.name)).round()
    (manifest,) = (folder / "manifest").iterdir()
    whole = manifest.read_bytes()
    manifest.write_bytes(whole + b"\n")
    with pytest.raises(ArchiveError, match="Restore it from a copy"):
        archiver(folder, stream).round()
    manifest.write_bytes(whole.replace(b"2026-03-02", b"2026-03-03"))
    with pytest.raises(ArchiveError, match="not what the checkpoint vouches for"):
        archiver(folder, stream).round()
    (folder / "checkpoint").unlink()
    with pytest.raises(ArchiveError, match="has no checkpoint"):
        archiver(folder, stream).round()
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ArchiveError, match="cannot be written"), Folder(file / "below").alone():
        pass
