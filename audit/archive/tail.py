"""Verifies what is in the stream and not in the archive yet, as if it were archived now."""

from audit.archive.chains import Chains
from audit.archive.faults import Fault
from audit.archive.manifest import Manifest
from audit.archive.rows import Leaf
from audit.archive.source import Source

STREAM = "stream"
"""The place of faults that are not in the archive."""
_AT_ONCE = 5000


def tail_faults(chains: Chains, manifest: Manifest, source: Source) -> tuple[int, list[Fault]]:
    """How many entries wait in the stream, and what is wrong with them.

    Args:
        chains: the archive's, where its verification ended.
        manifest: the archive's.
        source: the stream.
    """
    if not source.holds(manifest.position):
        return 0, [Fault(STREAM, f"it no longer holds {manifest.position}, which was archived last")]
    heads, position, count, found = source.heads(), manifest.position, 0, list[Fault]()
    while read := source.peek(position, _AT_ONCE):
        for each in read:
            leaf = Leaf(manifest.size + count, each.id, each.entry, each.signature)
            if not chains.is_repeated(leaf):
                found += [Fault(f"{STREAM} {each.id}", problem.says) for problem in chains.follow(leaf)]
            count += 1
        position = read[-1].id
    found += [Fault(STREAM, problem.says) for problem in chains.beyond(heads, manifest.size + count)]
    return count, found
