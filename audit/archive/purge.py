"""Retention: removes the entries of days that are over, and says so in the archive.

The tree keeps the hash and the signature of every entry. So the log stays provably complete, and whoever holds a
receipt can still show that its entry was there. What the entries said is gone.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

from audit.archive.folder import ArchiveError
from audit.archive.log import State, Writing
from audit.archive.manifest import DataFile, End, Purged
from audit.archive.rows import Leaf
from audit.chain import chained
from audit.keystore import KeyStore


def purge(writing: Writing, keys: KeyStore, before: date, receipt: str, now: datetime) -> Purged | None:
    """Remove the entries of the days before one, and the keys of the months before its month.

    Args:
        writing: what writes the archive.
        keys: the subjects' keys.
        before: the first day that stays.
        receipt: of the entry that says who does this and why.
        now: the time.

    Returns:
        What was removed, or None if there was nothing.

    Raises:
        ArchiveError: the archive is damaged, or its days are not in order.
        KeyStoreError: the keys cannot be destroyed.
    """
    with writing.folder.alone():
        state = State.load(writing.folder, writing.signer.verifier)
        old = [file for file in state.manifest.files if file.day < before.isoformat()]
        if not old:
            if state.manifest.purged:  # it may have been broken off before it came to the keys
                over = max(date.fromisoformat(each.day) for each in state.manifest.purged) + timedelta(days=1)
                keys.purge(min(before, over).isoformat()[:7])
            return None
        removed = _removed(state, old)
        link, head = chained(
            state.own,
            "purged",
            {
                "at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
                "receipt": receipt,
                "leaves": asdict(removed),
            },
            writing.signer,
        )
        stream = f"{int(now.timestamp() * 1000)}-0"
        leaf = Leaf(state.manifest.size, stream, link.entry, link.signature)
        ends = {**state.manifest.ends, head.segment: End(head.n, head.hash.hex())}
        kept = tuple(file for file in state.manifest.files if file not in old)
        writing.add(state, replace(state.manifest, ends=ends, files=kept, purged=(removed,)), [leaf])
        keys.purge(before.isoformat()[:7])
    return removed


def _removed(state: State, old: Sequence[DataFile]) -> Purged:
    """All that is removed now or was before: the log's beginning."""
    last = max(file.last for file in old)
    staying = [file for file in state.manifest.files if file not in old]
    if any(file.first <= last for file in staying):
        raise ArchiveError("The days of the archive are not in order: the stream's clock was set back. Purge by hand.")
    return Purged(max(file.day for file in old), 0, last)
