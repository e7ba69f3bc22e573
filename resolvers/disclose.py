"""Rows to disclosure: every field resolution of an operation, shown or withheld and why, without any value."""

from collections.abc import Mapping, Sequence

from resolvers.grants import Grants
from resolvers.model import Shown
from resolvers.ports import Row
from resolvers.rows import rows_by_node
from resolvers.tree import Node, Part


def disclosed(parts: Sequence[Part], results: Mapping[int, Sequence[Row]], grants: Grants) -> list[Shown]:
    """What an operation shows: for each path, type and class, the fields and the records' ids.

    The root of a part behind a cut is the record that the part before it has named already, so it is left out.
    """
    shown: list[Shown] = []
    for part in parts:
        for node, rows in rows_by_node(part.root, results[part.number]):
            if node is part.root and part.stage > 0:
                continue
            by_class: dict[str, list[str]] = {}
            for row in rows:
                by_class.setdefault(row[0], []).append(row[1])
            shown += [_shown(node, class_key, ids, grants) for class_key, ids in by_class.items()]
    return shown


def _shown(node: Node, class_key: str, ids: list[str], grants: Grants) -> Shown:
    grant = grants.of(node.type, class_key)
    return Shown(
        path=node.path,
        type=node.type,
        class_key=class_key,
        shown=tuple(name for name in node.record.fields if name in node.asked and name in grant.open),
        withheld={name: grant.withheld[name] for name in sorted(node.asked) if name in grant.withheld},
        ids=tuple(ids),
    )
