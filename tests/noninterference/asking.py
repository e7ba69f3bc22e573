"""What is asked of both worlds: everything about every record, random operations, searches, and requests gone wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from schema.catalogue import CATALOGUE
from tests.generative.operations import Drawn, bind, draw_operation
from tests.generative.worlds import Place
from tests.judge.world import World

ACCESS = "access { shielded withheld { field reason } contact { name phone } }"
ENTITIES = tuple(name for name, record in CATALOGUE.items() if record.has_id and name != "Account")
LEGACY, MODERN = "application/json", "application/graphql-response+json"


@dataclass(frozen=True)
class Request:
    """One request, without the headers that say who asks.

    Attributes:
        kind: what it tries.
        content: the body: JSON, bytes as they are, or None for a request by GET.
        query: the query string of a request by GET.
        headers: more headers.
    """

    kind: str
    content: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def values(type_name: str) -> str:
    """Every value of a record, and the account of what was withheld."""
    record = CATALOGUE[type_name]
    written = ["__typename", *(["id"] if record.has_id else []), ACCESS]
    for name in record.values:
        parts = record.parts.get(name)
        written.append(f"{name} {{ {' '.join(parts)} }}" if parts else name)
    return " ".join(written)


def _around(type_name: str) -> str:
    """A record with all that is one step away."""
    steps = [f"{each.name} {{ {values(each.target)} }}" for each in CATALOGUE[type_name].relations]
    return f"{values(type_name)} {' '.join(steps)}"


def _of_each(type_name: str) -> Drawn:
    below = f"... on {type_name} {{ {_around(type_name)} }}"
    return Drawn(f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ {below} }} }}", {"r": type_name})


_FOUND = "tooMany candidates { id familyName access { shielded withheld { field reason } } }"
DIRECTED: tuple[Drawn, ...] = (
    *map(_of_each, ENTITIES),
    *map(_of_each, ("Child", "Carer", "Involvement")),
    Drawn(f"{{ me {{ {_around('Account')} }} }}", {}),
    *(
        Drawn(
            "query ($r: [_Any!]!, $kind: InvolvementKind, $open: Boolean) { _entities(representations: $r) { "
            "... on Child { id a: involvements(kind: $kind) { id } b: involvements(open: $open) { id } } } }",
            {"r": "Child", "kind": "Kind", "open": "Open"},
        ),
    )
    * 2,
    Drawn(
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Child { id "
        "carers { carer { id children { child { id givenName leadProfessional { id } } } } } "
        "involvements { id service { id involvements { id child { id } } } } } } }",
        {"r": "Child"},
    ),
    *(Drawn(f"query ($by: ChildSearch!) {{ findChildren(by: $by) {{ {_FOUND} }} }}", {"by": "Search"}),) * 5,
    Drawn(
        f"query ($a: ChildSearch!) {{ findChildren(by: $a) {{ tooMany candidates {{ {_around('Child')} }} }} }}",
        {"a": "Search"},
    ),
)
"""Shapes that between them pass every record type, every relation, every filter and every search."""


@dataclass(frozen=True)
class Asker:
    """Draws requests about some worlds at once: they may name what only one of them holds.

    Attributes:
        worlds: the worlds.
        place: what keeps them apart from others.
        r: chance.
        shapes: where random operations come from.
    """

    worlds: Sequence[World]
    place: Place
    r: Random
    shapes: Callable[[Random], Drawn] = draw_operation

    def requests(self, directed: int, drawn: int, broken: int) -> Iterator[Request]:
        """So many requests of each sort, in any order."""
        chosen = self.r.sample(DIRECTED, min(directed, len(DIRECTED))) + [self.shapes(self.r) for _ in range(drawn)]
        found = [self._request(each) for each in chosen] + [self._broken() for _ in range(broken)]
        self.r.shuffle(found)
        yield from found

    def _world(self) -> World:
        """One of the worlds that have any child at all; the first has."""
        return self.r.choice([world for world in self.worlds if world.nodes["Child"]])

    def _request(self, drawn: Drawn) -> Request:
        every = {name: self._every(of) for name, of in drawn.variables.items() if of in ENTITIES and name == "r"}
        rest = {name: of for name, of in drawn.variables.items() if name not in every}
        variables = {**bind(Drawn(drawn.text, rest), self._world(), self.place, self.r), **every}
        variables |= {name: self._search() for name, of in rest.items() if of == "Search" and self.r.random() < 0.5}
        accept = self.r.choice((MODERN, MODERN, LEGACY))
        return Request("answered", {"query": drawn.text, "variables": variables}, headers={"accept": accept})

    def _every(self, type_name: str) -> list[dict[str, str]]:
        """References to every record of a type that any of the worlds holds, and to one that none does."""
        ids = sorted({i for world in self.worlds for i in world.nodes[type_name]} | {"nobody"})
        self.r.shuffle(ids)
        return [{"__typename": type_name, "id": i} for i in ids]

    def _search(self) -> dict[str, str]:
        """A search by what some world knows of a child, hidden or not."""
        child = self.r.choice(list(self._world().nodes["Child"].values()) or [{}])
        names = [child.get("familyName"), child.get("givenName")]
        names += [*child.get("formerFamilyNames", []), *child.get("formerGivenNames", [])]
        by = {"familyName": self.r.choice([name for name in names if name] or ["Lee"])}
        born, place = child.get("dateOfBirth", self.place.born[0]), child.get("postcode", self.place.postcodes[0])
        by |= self.r.choice(({"dateOfBirth": born}, {"dateOfBirth": born}, {"postcode": place}))
        if self.r.random() < 0.2:
            by |= {"dateOfBirth": born, "postcode": place}
        return by

    def _broken(self) -> Request:
        """A request that cannot be answered, and speaks of a record."""
        label = self.r.choice(("Child", "Involvement", "Carer"))
        known = self.r.choice([*self._world().nodes[label], "nobody"])
        child = self.r.choice([*self._world().nodes["Child"].values(), {}])
        name = child.get("familyName", "Lee")
        by_id = f'{{ child(id: "{known}") {{ id givenName }} }}'
        vague = f'{{ findChildren(by: {{familyName: "{name}"}}) {{ tooMany candidates {{ id }} }} }}'
        return self.r.choice(
            (
                Request("unknown field", {"query": f'{{ child(id: "{known}") {{ diagnosis }} }}'}),
                Request("syntax", {"query": f'{{ child(id: "{known}") {{ id '}),
                Request("too vague", {"query": vague}),
                Request("variable", {"query": "query ($i: ID!) { child(id: $i) { id } }", "variables": {"i": [known]}}),
                Request("no variable", {"query": "query ($i: ID!) { child(id: $i) { id } }"}),
                Request("operation name", {"query": by_id, "operationName": known}),
                Request("mutation", {"query": f'mutation {{ unshield(id: "{known}") }}'}),
                Request("body", known.encode()),
                Request("mediated", {"query": by_id}, headers={"x-on-behalf-of": known}),
                Request("no purpose", {"query": by_id}, headers={"x-access-purpose": "curiosity"}),
                Request("no reason", {"query": by_id}, headers={"x-access-reason": ""}),
                Request("stranger", {"query": by_id}, headers={"authorization": "Bearer nothing"}),
                Request("get", query={"query": by_id}),
                Request("get", query={"query": vague}),
                Request("introspection", {"query": f'{{ __typename __type(name: "Child") {{ name }} {by_id[1:]}'}),
                Request("too many", {"query": _MANY, "variables": {"r": [{"__typename": label, "id": known}] * 101}}),
            )
        )


_MANY = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Child { id } } }"
