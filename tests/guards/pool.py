"""Operations that between them pass every root, every relation, every filter and a cut."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schema.catalogue import CATALOGUE
from tests.guards.world import BORN, POSTCODE
from tests.judge.world import World

ACCESS = "access { shielded withheld { field reason } }"
ROOTS = {"Child": 'child(id: "c1")', "Service": 'service(id: "s1")', "Practitioner": 'practitioner(id: "p1")'}
ROOTS |= {"Organisation": 'organisation(id: "trust")', "Account": "me"}


@dataclass(frozen=True)
class Asking:
    """An operation of the pool.

    Attributes:
        name: what it passes.
        text: the document.
        variables: their values.
    """

    name: str
    text: str
    variables: Mapping[str, Any]


def values(type_name: str) -> str:
    """Every value of a record."""
    record = CATALOGUE[type_name]
    written = ["__typename", *(["id"] if record.has_id else []), ACCESS]
    for name in record.values:
        parts = record.parts.get(name)
        written.append(f"{name} {{ {' '.join(parts)} }}" if parts else name)
    return " ".join(written)


def pool(world: World) -> tuple[Asking, ...]:
    """Every operation, the short ones first."""
    found = [Asking(name, text, {}) for name, text in _looked_up()]
    found += [_entities(world, type_name, values(type_name), type_name) for type_name in _ENTITIES]
    for type_name in CATALOGUE:
        for relation in CATALOGUE[type_name].relations:
            below = f"{relation.name} {{ {values(relation.target)} }}"
            found.append(_from(world, type_name, below, f"{type_name}.{relation.name}"))
    found.append(_entities(world, "Carer", "id children { child { id } }", "Carer.children.child"))
    found += [Asking(name, text, {"by": by}) for name, text, by in _searches()]
    return tuple(found)


_ENTITIES = tuple(name for name, record in CATALOGUE.items() if record.has_id and name != "Account")


def _looked_up() -> Iterator[tuple[str, str]]:
    for type_name, root in ROOTS.items():
        yield root, f"{{ {root} {{ {values(type_name)} }} }}"
    for given in ("kind: UNIVERSAL", "open: true", "open: false"):
        below = f"involvements({given}) {{ {values('Involvement')} }}"
        yield f"Child.involvements({given})", f"{{ {ROOTS['Child']} {{ id {below} }} }}"
    cut = "services { id involvements { id child { id involvements { id service { id } practitioner { id } } } } }"
    yield "a cut behind involvements", f"{{ {ROOTS['Practitioner']} {{ {cut} }} }}"


def _entities(world: World, type_name: str, below: str, name: str) -> Asking:
    """Every record of a type by reference."""
    references = [{"__typename": type_name, "id": i} for i in world.ids(type_name)]
    selection = f"__typename ... on {type_name} {{ {below} }}"
    text = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
    return Asking(f"_entities: {name}", text, {"r": references})


def _from(world: World, type_name: str, below: str, name: str) -> Asking:
    if type_name == "Account":
        return Asking(name, f"{{ me {{ id {below} }} }}", {})
    if type_name == "Care":
        return _entities(world, "Child", f"id carers {{ __typename {below} }}", name)
    return _entities(world, type_name, f"id {below}", name)


def _searches() -> Iterator[tuple[str, str, dict[str, str]]]:
    text = f"query ($by: ChildSearch!) {{ findChildren(by: $by) {{ tooMany candidates {{ {values('Child')} }} }} }}"
    yield "search by date", text, {"familyName": "Fenn", "dateOfBirth": BORN}
    yield "search by place", text, {"familyName": "Fenn", "postcode": POSTCODE}
    yield "search by both", text, {"familyName": "Fenn", "dateOfBirth": BORN, "postcode": POSTCODE}
    yield "search by two names", text, {"familyName": "Fenn", "givenName": "Nora", "dateOfBirth": BORN}
    for relation in CATALOGUE["Child"].relations:
        below = f"candidates {{ id {relation.name} {{ {values(relation.target)} }} }}"
        by = {"familyName": "Young", "dateOfBirth": "8777-02-13"}
        yield f"search, {relation.name}", f"query ($by: ChildSearch!) {{ findChildren(by: $by) {{ {below} }} }}", by
