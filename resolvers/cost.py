"""What a document would cost, worked out before anything is done with it.

Each fragment is counted once and its totals reused, so the pass is linear in the document whatever its fragments do.
"""

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

_CEILING = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """The size of a selection once its fragments are spread: fields in all, and depth."""

    fields: int
    depth: int


def check_cost(document: DocumentNode) -> None:
    """Refuse a document that is too large once its fragments are spread.

    Raises:
        Refusal: too many fields, too deep, or a fragment that spreads itself.
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    counted: dict[str, Cost | None] = {}
    for name in fragments:
        _fragment(name, fragments, counted)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            cost = _cost(definition.selection_set, fragments, counted)
            if cost.fields > MAX_FIELDS or cost.depth > MAX_NESTING:
                raise Refusal("OPERATION_TOO_LARGE")


def _fragment(name: str, fragments: dict[str, FragmentDefinitionNode], counted: dict[str, Cost | None]) -> Cost:
    if name not in fragments:
        return Cost(0, 0)  # validation names the missing fragment
    if name not in counted:
        counted[name] = None
        counted[name] = _cost(fragments[name].selection_set, fragments, counted)
    cost = counted[name]
    if cost is None:
        raise Refusal("OPERATION_TOO_LARGE")
    return cost


def _cost(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], counted: dict[str, Cost | None]
) -> Cost:
    fields = depth = 0
    for selection in selections.selections:
        if isinstance(selection, FragmentSpreadNode):
            below = _fragment(selection.name.value, fragments, counted)
        else:
            nested = getattr(selection, "selection_set", None)
            below = _cost(nested, fragments, counted) if nested else Cost(0, 0)
            if isinstance(selection, FieldNode):
                below = Cost(below.fields + 1, below.depth + 1)
        fields, depth = min(fields + below.fields, _CEILING), max(depth, below.depth)
    return Cost(fields, depth)
