"""What a document would cost, worked out before anything is done with it.

Each fragment is counted once and its totals reused, so the pass is linear in the document whatever its fragments do.
Only what is then known to be small is written out, to count what validation compares: all fields that one place of the
answer has under one name, each with each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from resolvers.limits import MAX_FIELDS, MAX_FRAGMENTS, MAX_NESTING, MAX_OPERATIONS, MAX_PAIRS
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
        Refusal: too many fields, operations or fragments, too deep, a fragment that spreads itself, or too many fields
            under one name.
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    if len(fragments) > MAX_FRAGMENTS or len(document.definitions) - len(fragments) > MAX_OPERATIONS:
        raise Refusal("OPERATION_TOO_LARGE")
    counted: Counted = {}
    for name in fragments:
        _fragment(name, fragments, counted, 0)
    full = {name: each for name, each in fragments.items() if (cost := counted[name]) and cost.fields}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            _cost(definition.selection_set, fragments, counted, 0)
            _check_pairs(definition.selection_set, full)


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


def _check_pairs(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
    """Refuse an operation in which too many fields answer under one name.

    Args:
        selections: those of an operation that is not too large once its fragments are spread.
        fragments: those that hold any field, by name.
    """
    pairs, waiting = 0, [[selections]]
    while waiting:
        below: dict[str, list[SelectionSetNode | None]] = {}
        for field in _spread(waiting.pop(), fragments):
            below.setdefault((field.alias or field.name).value, []).append(field.selection_set)
        pairs += sum(len(same) * (len(same) - 1) // 2 for same in below.values())
        if pairs > MAX_PAIRS:
            raise Refusal("OPERATION_TOO_LARGE")
        waiting += [found for same in below.values() if (found := [each for each in same if each is not None])]


def _spread(sets: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """The fields of selections with their fragments spread."""
    waiting = [*sets]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value in fragments:
                waiting.append(fragments[selection.name.value].selection_set)
