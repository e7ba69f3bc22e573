"""The statements of known operations, with readings for nobody: what a graph can plan before anyone waits for it."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

from graphql.execution.values import VariableValues

from resolvers.document import Documents
from resolvers.grants import Grants
from resolvers.model import Account
from resolvers.plan import Plans
from resolvers.ports import Reading
from resolvers.tree import Node, Statement

_NOBODY = Account(
    id="",
    version=0,
    roles=(),
    suspended=True,
    trained_on=None,
    vetted_on=None,
    vetting=None,
    agreement_signed_on=None,
    practitioner="",
    organisation="",
    organisation_version=0,
    organisation_kind=None,
    accredited=False,
    closed=True,
    area=None,
)
_NOTHING = Grants("", MappingProxyType({}))
_SEARCHES = ({"familyName": "a", "dateOfBirth": "2000-01-01"}, {"familyName": "a", "postcode": "a"})


def readings(documents: Iterable[str]) -> Iterator[tuple[Statement, Reading]]:
    """Every statement of some operations, once, with a reading for an account that does not exist.

    A search is read by each index that it can use.
    """
    parsed, plans, seen = Documents(), Plans(), set()
    for text in documents:
        plan = plans.plan(parsed.operation(text, None), VariableValues({}, {}))
        for statement in (statement for statements in plan.stages for statement in statements):
            if statement.signature not in seen:
                seen.add(statement.signature)
                searches = _SEARCHES if any(part.kind == "search" for part in statement.parts) else _SEARCHES[:1]
                for by in searches:
                    inputs: dict[int, Any] = {p.number: by if p.kind == "search" else [] for p in statement.parts}
                    nodes: list[Node] = [node for part in statement.parts for node in part.root.walk()]
                    arguments = {id(node): {"kind": None, "open": None} for node in nodes}
                    yield statement, Reading(_NOTHING, _NOBODY, None, "2000-01-01", inputs, 1, arguments)
