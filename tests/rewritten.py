"""Random operations written anew: what a client may change without asking for anything else."""

import re
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from graphql import SelectionSetNode, Visitor, parse, print_ast, visit
from graphql.execution.values import VariableValues, get_variable_values

from resolvers.document import Documents
from resolvers.plan import Plans
from resolvers.tree import Plan
from schema.executable import SCHEMA
from tests.generative.operations import draw_operation

_GIVEN = {"ID": "x", "ChildSearch": {"familyName": "x", "dateOfBirth": "2019-01-01"}, "[_Any!]": []}
_CHOSEN = re.compile(r"\b[aqrpFv]\d+\b")
_NEW = re.compile(r"\bZq[0-9a-f]{12}\b")


def drawn(seed: int) -> str:
    """A random operation."""
    r = Random(seed)  # noqa: S311 - no secrets
    return draw_operation(r, depth=r.choice((3, 6, 9)), most=r.choice((3, 8, 24))).text


def planned(text: str) -> tuple[Plan, VariableValues]:
    """The plan of an operation, and values for its variables."""
    operation = Documents().operation(text, None)
    definitions = operation.definition.variable_definitions or ()
    types = {each.variable.name.value: print_ast(each.type).removesuffix("!") for each in definitions}
    given = {name: _GIVEN[known] for name, known in types.items() if known in _GIVEN}
    variables = get_variable_values(SCHEMA, definitions, given)
    assert isinstance(variables, VariableValues)
    return Plans().plan(operation, variables), variables


@dataclass(frozen=True)
class Rewritten:
    """An operation's new text, and every name and text in it that its client chose."""

    text: str
    chosen: frozenset[str]


class _Shuffled(Visitor):
    """Selections in another order."""

    def __init__(self, r: Random) -> None:
        super().__init__()
        self.r = r

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        """A selection in another order."""
        return replace(node, selections=tuple(self.r.sample(node.selections, len(node.selections))))


def rewritten(text: str, seed: int) -> Rewritten:
    """The same operation with other aliases, variables, fragments and texts, in another order."""
    r = Random(seed)  # noqa: S311 - no secrets
    names: dict[str, str] = {}

    def fresh(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"Zq{r.randrange(16**12):012x}")

    renamed = _CHOSEN.sub(fresh, text)
    for variable in re.findall(r"\$(\w+): ID!", renamed):
        if r.random() < 0.5:  # a literal in its place
            renamed = re.sub(rf"\${variable}: ID!,? ?", "", renamed).replace(f"${variable}", f'"{variable}"')
    renamed = renamed.replace("query Q()", "query Q").replace(", )", ")")
    shuffled = print_ast(visit(parse(renamed), _Shuffled(r)))
    return Rewritten(shuffled, frozenset(_NEW.findall(shuffled)))
