"""The stream's history is held against the archive: whatever was done to it is named."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from audit.archive.chains import Chains
from audit.archive.folder import Folder
from audit.archive.source import Streamed
from audit.archive.tail import tail_faults
from audit.archive.verify import Verdict
from tests.archives import DAY, SIGNING, MemoryStream, Scribe, archiver, changed, verified

ARCHIVED, WAITING = 40, 12
REPEATED = 23
"""The place of an entry that is the one before it once more."""


@dataclass(frozen=True)
class Kept:
    """An archive, and the stream that it was made from, all of which is still there.

    Attributes:
        folder: the archive.
        stream: the stream, with some more entries that wait.
        verdict: what verification says of the archive.
    """

    folder: Path
    stream: MemoryStream = field(repr=False)
    verdict: Verdict = field(repr=False)

    def tail(self, stream: MemoryStream) -> tuple[int, list[str]]:
        """How many entries of a stream wait, and what is wrong with it."""
        chains, manifest = self.verdict.chains, self.verdict.manifest
        assert chains
        assert manifest
        again = Chains(chains.signing, chains.log, dict(chains.ends), chains.known)
        waiting, found = tail_faults(Folder(self.folder), again, manifest, stream)
        return waiting, [str(fault) for fault in found]


@pytest.fixture(name="kept", scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Two workers' entries of two days; one entry was appended twice, and most are archived."""
    folder, stream = tmp_path_factory.mktemp("tail") / "archive", MemoryStream()
    workers = Scribe(stream), Scribe(stream)
    keeper = archiver(folder, stream)
    for number in range(ARCHIVED + WAITING):
        workers[number % 2].accesses(1, begin=number)
        stream.now += DAY * (number == 15)
        if len(stream.entries) == REPEATED:
            stream.append(stream.entries[-1].entry, stream.entries[-1].signature)
        if number == ARCHIVED:
            keeper.round()
    verdict = verified(folder)
    assert verdict.faults == []
    return Kept(folder, stream, verdict)


def test_a_stream_as_it_was_written_is_sound(kept: Kept) -> None:
    """A stream that nobody touched has no fault, trimmed or not, and says how many entries wait."""
    assert kept.tail(kept.stream) == (WAITING - 1, [])
    trimmed = deepcopy(kept.stream)
    del trimmed.entries[:30]
    assert kept.tail(trimmed) == (WAITING - 1, [])


def test_a_stream_that_was_emptied_is_named(kept: Kept) -> None:
    """A stream that no longer holds what was archived last is a fault."""
    (fault,) = kept.tail(MemoryStream())[1]
    assert "no longer holds" in fault


def _flipped(data: bytes, place: int, bits: int) -> bytes:
    place %= len(data)
    return data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_changed_byte_is_named(kept: Kept, data: st.DataObject) -> None:
    """One byte changed in any entry or signature of the stream, archived or not, is a fault that names the entry."""
    stream = deepcopy(kept.stream)
    place = data.draw(st.integers(0, len(stream.entries) - 1))
    each = stream.entries[place]
    where, bits = data.draw(st.integers(0, 10_000)), data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        stream.entries[place] = replace(each, entry=_flipped(each.entry, where, bits))
    else:
        stream.entries[place] = replace(each, signature=_flipped(each.signature, where, bits))
    assert any(f"stream {each.id}: " in fault for fault in kept.tail(stream)[1])


def _dropped(entries: list[Streamed], place: int) -> None:
    del entries[place]


def _swapped(entries: list[Streamed], place: int) -> None:
    one, other = entries[place - 2], entries[place]  # the workers take turns: two on is the same worker's next
    entries[place - 2], entries[place] = replace(other, id=one.id), replace(one, id=other.id)


def _inserted(entries: list[Streamed], place: int) -> None:
    forged = changed(entries[place], SIGNING, account="somebody else")
    entries.insert(place, replace(forged, id=entries[place].id.replace("-0", "-1")))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, ARCHIVED + WAITING), st.sampled_from([_dropped, _swapped, _inserted]))
def test_what_is_dropped_moved_or_put_in_is_named(
    kept: Kept, place: int, tamper: Callable[[list[Streamed], int], None]
) -> None:
    """An entry that is taken out, exchanged with its worker's next, or put in with a stolen key is a fault."""
    assume(tamper is not _dropped or place != REPEATED)  # of two that are one, one may go
    stream = deepcopy(kept.stream)
    tamper(stream.entries, place)
    assert kept.tail(stream)[1]
