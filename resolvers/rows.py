"""Walking rows by the plan: which rows belong to which node."""

from collections.abc import Iterator, Mapping, Sequence

from resolvers.model import Row
from resolvers.tree import Node, Part


def rows_by_node(node: Node, rows: Sequence[Row]) -> Iterator[tuple[Node, Sequence[Row]]]:
    """Every node of a part with all rows read for it, parents first."""
    yield node, rows
    for slot, child in enumerate(node.children, node.record.first_link):
        yield from rows_by_node(child, [far for row in rows for far in linked(child, row[slot])])


def linked(child: Node, found: list[Row] | Row | None) -> Sequence[Row]:
    """The rows at the far end of a link, from what a row of the near end holds of it."""
    if found is None:
        return ()
    return [found] if child.inline else found


def deferred_ids(parts: Sequence[Part], results: Mapping[int, Sequence[Row]]) -> dict[int, list[str]]:
    """For each part of the next stage, the ids from which it is read: each once, as first met."""
    ids: dict[int, dict[str, None]] = {}
    for part in parts:
        for node, rows in rows_by_node(part.root, results[part.number]):
            if node.deferred is not None:
                ids.setdefault(node.deferred, {}).update((row[1], None) for row in rows)
    return {number: list(found) for number, found in ids.items()}
