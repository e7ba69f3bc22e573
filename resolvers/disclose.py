"""Rows to disclosure: every field resolution of an operation, shown or withheld and why, without any value.

Each record is told with the child that it was reached through, so that one can ask later who saw what about her.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from resolvers.grants import Grants
from resolvers.model import Row, Shown
from resolvers.rows import linked
from resolvers.tree import Node, Part

Told = list[tuple[Row, str | None]]
"""Rows, each with the child that it is about, if that is known."""


def disclosed(parts: Sequence[Part], results: Mapping[int, Sequence[Row]], grants: Grants) -> list[Shown]:
    """What an operation shows: for each path, type and class, the fields and the records' ids.

    The root of a part behind a cut is the record that the part before it has named already, so it is left out; whom it
    was reached through is remembered.
    """
    shown: list[Shown] = []
    through: dict[int, dict[str, dict[str | None, None]]] = {}
    for part in parts:
        known = through.get(part.number, {})
        roots: Told = [(row, child) for row in results[part.number] for child in known.get(row[1], (None,))]
        for node, told in _walk(part.root, roots):
            if node.deferred is not None:
                below = through.setdefault(node.deferred, {})
                for row, child in told:
                    below.setdefault(row[1], {})[child] = None
            if node is not part.root or part.stage == 0:
                shown += _by_class(node, told, grants)
    return shown


def _walk(node: Node, reached: Told) -> Iterator[tuple[Node, Told]]:
    """Every node of a part with all rows read for it, parents first."""
    own = _own_child(node)
    told = reached if own is None else [(row, own(row) or child) for row, child in reached]
    yield node, told
    for slot, below in enumerate(node.children, node.record.first_link):
        found = [(far, child) for row, child in told for far in linked(below, row[slot])]
        yield from _walk(below, found)


def _own_child(node: Node) -> Callable[[Row], str | None] | None:
    """What tells the child that a record is about by itself, as far as it was read; None where nothing does."""
    if node.type == "Child":
        return lambda row: str(row[1])
    if node.type == "Care":
        return lambda row: str(row[1]).partition("/")[2]
    if node.type == "Involvement":
        for slot, below in enumerate(node.children, node.record.first_link):
            if below.relation == "child":
                return lambda row: None if row[slot] is None else str(row[slot][1])
    return None


def _by_class(node: Node, told: Told, grants: Grants) -> Iterator[Shown]:
    classes: defaultdict[str, tuple[list[str], list[str | None]]] = defaultdict(lambda: ([], []))
    for row, child in told:
        ids, children = classes[row[0]]
        ids.append(row[1])
        children.append(child)
    for class_key, (ids, children) in classes.items():
        shown, withheld = grants.told(node.type, class_key, node.asked)
        yield Shown(node.path, node.type, class_key, shown, withheld, tuple(ids), tuple(children))
