"""Read what the grants open: a stage is a fixed few statements, and a plan has a fixed number of stages."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql.execution.values import VariableValues

from resolvers.federation import reference_of
from resolvers.grants import Grants
from resolvers.limits import MAX_IDENTIFIER, MAX_NAME, MAX_SEARCHES
from resolvers.model import Account, Row, SearchRules
from resolvers.ports import Reader, Reading
from resolvers.refusals import Refusal
from resolvers.rows import deferred_ids
from resolvers.tree import Given, Plan, Root

_NAMES = frozenset({"givenName", "familyName"})
Inputs = dict[int, Any]
"""For each part, by number: the ids to start from, or what a search was given."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read: the rows of each part, and the searches that found too many."""

    results: Mapping[int, Sequence[Row]]
    too_many: frozenset[int]


def check_bounds(plan: Plan, given: Given, representations: int) -> None:
    """Refuse what is too much or too long, before anything looks at it or tells of it.

    Args:
        plan: what to read.
        given: what the root fields are asked with.
        representations: how many representations the operation may bring in all.

    Raises:
        Refusal: there are too many searches or representations, or an identifier or what is searched by is too long.
    """
    if sum(root.field == "findChildren" for root in plan.roots) > MAX_SEARCHES:
        raise Refusal("OPERATION_TOO_LARGE")
    asked = [(root.field, given[root.key]) for root in plan.roots]
    brought = [each for field, told in asked if field == "_entities" for each in told["representations"]]
    if len(brought) > representations:
        raise Refusal("TOO_MANY_REPRESENTATIONS")
    references = [reference for each in brought if (reference := reference_of(each))]
    named = [text for reference in references for text in (reference.type, reference.id)]
    if any(len(text) > MAX_IDENTIFIER for text in (*named, *(told["id"] for _, told in asked if "id" in told))):
        raise Refusal("IDENTIFIER_TOO_LONG")
    sought = [value for field, told in asked if field == "findChildren" for value in told["by"].values()]
    if any(value and len(value) > MAX_NAME for value in sought):
        raise Refusal("SEARCH_TOO_LONG")


def inputs_of(plan: Plan, given: Given, search: SearchRules) -> Inputs:
    """Where each part of the first stage starts from.

    Args:
        plan: what to read.
        given: what the root fields are asked with, within the bounds.
        search: the rules of searching.

    Raises:
        Refusal: a search gives too little.
    """
    inputs: Inputs = {part.number: [] for part in plan.parts}
    for root in plan.roots:
        asked = given[root.key]
        if root.field == "findChildren":
            by = {name: value for name, value in asked["by"].items() if value and (name not in _NAMES or _named(value))}
            if not search.suffices(frozenset(by)):
                raise Refusal("SEARCH_TOO_VAGUE")
            inputs[root.branches[0].part] = by
        elif root.field == "_entities":
            inputs.update(_referenced(root, asked["representations"]))
        elif root.field != "me":
            inputs[root.branches[0].part] = [asked["id"]]
    return inputs


def _named(text: str) -> bool:
    """Whether a name has a letter in it: without one it matches everybody, so it counts as not given."""
    return any(character.isalpha() for character in unicodedata.normalize("NFKD", text))


def _referenced(root: Root, representations: list[Any]) -> dict[int, list[str]]:
    """The ids that a router asks for, by part."""
    wanted: dict[str, dict[str, None]] = {}
    for representation in representations:
        if reference := reference_of(representation):
            wanted.setdefault(reference.type, {})[reference.id] = None
    return {branch.part: list(wanted.get(branch.node.type, ())) for branch in root.branches}


async def read(  # noqa: PLR0917 - each is a part of the sentence
    reader: Reader,
    plan: Plan,
    variables: VariableValues,
    inputs: Inputs,
    grants: Grants,
    account: Account,
    other: Account | None,
    today: str,
    search: SearchRules,
) -> Rows | None:
    """Every row of the plan, or None if an account changed meanwhile.

    Raises:
        Refusal: the graph does not answer.
    """
    inputs = dict(inputs)
    arguments = {
        id(node): node.arguments.bind(variables) for part in plan.parts for node in part.asking if node.arguments
    }
    results: dict[int, Sequence[Row]] = {}
    too_many: set[int] = set()
    for statements in plan.stages:
        for statement in statements:
            reading = Reading(grants, account, other, today, inputs, search.candidates + 1, arguments)
            found = await reader.read(statement, reading)
            if found is None:
                return None
            results.update(zip((part.number for part in statement.parts), found, strict=True))
        stage = [part for statement in statements for part in statement.parts]
        for part in stage:
            if part.kind == "search" and len(results[part.number]) > search.candidates:
                results[part.number] = []
                too_many.add(part.number)
        if statements is not plan.stages[-1]:
            inputs.update(deferred_ids(stage, results))
    return Rows(results, frozenset(too_many))
