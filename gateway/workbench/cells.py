"""The access matrix as cells: for each role, purpose, class of record and field, what the policy says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.policy.files import PolicyFiles
from gateway.workbench.space import STANDINGS, Ask, Capacity, capacities, question
from resolvers.grants import question_about

ACCESS = "Access"
"""The pseudo-type of the gate, whose classes are the standings."""
GATE: Mapping[str, str] = {"allowed": "gate", "schema": "gate"}
"""Its fields: whether anything is answered, and whether the schema may be read."""
OPEN, SEARCHABLE, INVISIBLE = "open", "open, searchable", "invisible"
OPENED = frozenset({OPEN, SEARCHABLE})
"""The states in which a value is shown."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One question of the matrix.

    Attributes:
        capacity: who, and for which purpose.
        type: the record type, or ``Access`` for the gate.
        key: the class key, or the standing.
        field: the field, or what the gate says.
    """

    capacity: Capacity
    type: str
    key: str
    field: str

    def __str__(self) -> str:
        """In words."""
        return f"{self.capacity}: {self.type}:{self.key} {self.field}"


Cells = Mapping[Cell, str]
"""What is said of each cell: open, open and searchable, invisible, or the code of the reason why not."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a matrix is laid out by, in the order of the policy's tables.

    Attributes:
        domains: for each type, its attributes with their domains.
        fields: for each type, its fields with their data classes.
    """

    domains: Mapping[str, Mapping[str, tuple[str, ...]]]
    fields: Mapping[str, Mapping[str, str]]


def layout_of(policies: PolicyFiles) -> Layout:
    """The layout of a policy's matrix: the gate, then every type of the vocabulary."""
    types = policies.data["directory"]["vocabulary"]["types"]
    domains = {
        name: {attribute["name"]: tuple(attribute["domain"]) for attribute in described["attributes"]}
        for name, described in types.items()
    }
    return Layout({ACCESS: {"standing": STANDINGS}, **domains}, {ACCESS: GATE, **policies.kinds})


def cells_of(
    policies: PolicyFiles,
    ask: Ask,
    progress: Callable[[], object] = lambda: None,
    only: Iterable[Capacity] | None = None,
) -> dict[Cell, str]:
    """Ask a policy engine for every cell.

    Args:
        policies: the rules and tables that the engine decides by.
        ask: the engine.
        progress: called after each capacity.
        only: the capacities to ask for; all of them if None.
    """
    found: dict[Cell, str] = {}
    classes = question_about(policies.classes)
    searched = policies.data["directory"]["search"]["fields"]
    for capacity in capacities(policies) if only is None else only:
        fits = ask(question([capacity.role], capacity.purpose))["allowed"] is True
        # where not even good standing lets in, the invariants say that nothing else does
        for standing in STANDINGS if fits else STANDINGS[:1]:
            decision = ask(question([capacity.role], capacity.purpose, standing))
            for field in GATE:
                found[Cell(capacity, ACCESS, standing, field)] = _gate(decision, field)
        if fits:
            grants = ask({**question([capacity.role], capacity.purpose), "classes": classes})["grants"]
            for ref, described in classes.items():
                type_name, key = described["type"], ref.partition(":")[2]
                fields = policies.kinds[type_name]
                names = searched.get(type_name, {})
                for field in fields:
                    cell = Cell(capacity, type_name, key, field)
                    found[cell] = _state(grants[ref], field, {names[name] for name in grants[ref]["searchable"]})
        progress()
    return found


def _gate(decision: Mapping[str, Any], field: str) -> str:
    if decision["allowed"] is not True:
        return " ".join(decision["refusals"])
    return OPEN if field != "schema" or decision["capacity"]["schema"] is True else "ROLE"


def _state(grant: Mapping[str, object], field: str, searchable: set[str]) -> str:
    opened, withheld = grant["open"], grant["withheld"]
    if not grant["visible"]:
        return INVISIBLE
    if isinstance(opened, list) and field in opened:
        return SEARCHABLE if field in searchable else OPEN
    return str(withheld[field]) if isinstance(withheld, Mapping) else INVISIBLE
