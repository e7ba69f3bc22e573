"""What a document would cost, worked out before anything is done with it.

Each fragment is counted once and its totals reused, so the pass is linear in the document whatever its fragments do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from resolvers.limits import MAX_FIELDS, MAX_NESTING
from resolvers.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Cost:
    """The size of a selection once its fragments are spread: fields in all, and depth, fragments included."""

    fields: int
    depth: int


_NOTHING = Cost(0, 0)
Counted = dict[str, Cost | None]
"""The costs of fragments by name; None while one is being counted."""


def check_cost(document: DocumentNode) -> None:
    """Refuse a document that is too large once its fragments are spread.

    Raises:
        Refusal: too many fields, too deep, or a fragment that spreads itself.
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    counted: Counted = {}
    for name in fragments:
        _fragment(name, fragments, counted, 0)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            _cost(definition.selection_set, fragments, counted, 0)


def _fragment(name: str, fragments: Mapping[str, FragmentDefinitionNode], counted: Counted, level: int) -> Cost:
    if name not in counted:
        fragment = fragments.get(name)
        counted[name] = None if fragment else _NOTHING  # validation names a missing one
        if fragment:
            counted[name] = _cost(fragment.selection_set, fragments, counted, level)
    cost = counted[name]
    if cost is None:
        raise Refusal("OPERATION_TOO_LARGE")
    return cost


def _cost(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], counted: Counted, level: int
) -> Cost:
    """The cost of a selection at a level below where counting began, which bounds the recursion."""
    if level == MAX_NESTING:
        raise Refusal("OPERATION_TOO_LARGE")
    fields = depth = 0
    for selection in selections.selections:
        if isinstance(selection, FragmentSpreadNode):
            below = _fragment(selection.name.value, fragments, counted, level + 1)
        else:
            nested = getattr(selection, "selection_set", None)
            below = _cost(nested, fragments, counted, level + 1) if nested else _NOTHING
        fields += below.fields + isinstance(selection, FieldNode)
        depth = max(depth, below.depth + 1)
    if fields > MAX_FIELDS or depth > MAX_NESTING:
        raise Refusal("OPERATION_TOO_LARGE")
    return Cost(fields, depth)
