"""Random operations: their text, apart from the world on which they are asked, and their variables on a world."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from resolvers.document import Documents
from resolvers.refusals import Refusal
from schema.catalogue import CATALOGUE
from schema.executable import SCHEMA
from tests.generative.worlds import Place
from tests.judge.world import World

_ENTITIES = ("Child", "Carer", "Involvement", "Service", "Practitioner", "Organisation")
_LIKED = {"carers", "leadProfessional", "involvements"}
_LOOKED_UP = {"child": "Child", "service": "Service", "practitioner": "Practitioner", "organisation": "Organisation"}


@dataclass(frozen=True)
class Drawn:
    """An operation's text, and for each variable what it stands for."""

    text: str
    variables: Mapping[str, str]


@dataclass
class _Writer:
    """Writes one operation; ``most`` bounds the relations in it."""

    r: Random
    depth: int
    most: int
    variables: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, stem: str) -> str:
        """A fresh name."""
        self.count += 1
        return f"{stem}{self.count}"

    def chance(self, of: float) -> bool:
        """True in that share of draws."""
        return self.r.random() < of

    def variable(self, stands_for: str) -> str:
        """A variable of the operation, perhaps one it has already."""
        known = [name for name, meaning in self.variables.items() if meaning == stands_for]
        if known and self.chance(0.5):
            return "$" + self.r.choice(known)
        name = self.name("v")
        self.variables[name] = stands_for
        return f"${name}"

    def directive(self) -> str:
        """Nothing, or a condition."""
        if self.chance(0.9):
            return ""
        value = self.variable("Boolean") if self.chance(0.7) else self.r.choice(("true", "false"))
        return f" @{self.r.choice(('skip', 'include'))}(if: {value})"

    def fields(self, type_name: str, depth: int, *, aliased: bool = False) -> str:
        """A selection on a record."""
        record = CATALOGUE[type_name]
        written = ["__typename"] if self.chance(0.2) else []
        if record.has_id and self.chance(0.7):
            written.append("id")
        written += [self._value(type_name, name, aliased) for name in record.values if self.chance(0.35)]
        if self.chance(0.4):
            written.append(f"access {{ {self._plain('Access', 0)} }}")
        chance = 1.0 if depth < 2 else 0.6
        while depth < self.depth and self.most > 0 and record.relations and self.chance(chance):
            self.most -= 1
            chance *= 0.6
            written.append(self._relation(type_name, depth, aliased))
        self.r.shuffle(written)
        return self._wrapped(type_name, " ".join(written) or "__typename")

    def _wrapped(self, type_name: str, text: str) -> str:
        match self.r.randrange(12):
            case 0:
                return f"... on {type_name}{self.directive()} {{ {text} }} __typename"
            case 1:
                return f"...{self.directive()} {{ {text} }} __typename"
            case 2:
                name = self.name("F")
                self.fragments.append(f"fragment {name} on {type_name} {{ {text} }}")
                return f"...{name}{self.directive()} ...{name} __typename"
        return text

    def _value(self, type_name: str, name: str, aliased: bool) -> str:
        alias = f"{self.name('a')}: " if aliased or self.chance(0.2) else ""
        parts = CATALOGUE[type_name].parts.get(name)
        below = f" {{ {self._plain('Address' if name == 'address' else 'Name', 0)} }}" if parts else ""
        return f"{alias}{name}{self.directive()}{below}"

    def _plain(self, type_name: str, depth: int) -> str:
        """A selection on a plain object."""
        graphql_type = SCHEMA.type_map[type_name]
        assert isinstance(graphql_type, GraphQLObjectType)
        written = [] if depth or self.chance(0.8) else ["__typename"]
        for name, defined in graphql_type.fields.items():
            below = get_named_type(defined.type).name
            nested = f" {{ {self._plain(below, depth + 1)} }}" if below in {"Contact", "WithheldField"} else ""
            if self.chance(0.8):
                written.append(f"{self.name('p') + ': ' if self.chance(0.1) else ''}{name}{nested}")
        return " ".join(written) or "__typename"

    def _relation(self, type_name: str, depth: int, aliased: bool) -> str:
        relations = CATALOGUE[type_name].relations
        relation = self.r.choice([each for each in relations for _ in range(1 + (each.name in _LIKED))])
        arguments = []
        if relation.name == "involvements" and type_name == "Child":
            if self.chance(0.3):
                arguments.append(f"kind: {self.r.choice((self.variable('Kind'), 'SENSITIVE', 'UNIVERSAL'))}")
            if self.chance(0.3):
                arguments.append(f"open: {self.r.choice((self.variable('Open'), 'true', 'false'))}")
        given = f"({', '.join(arguments)})" if arguments else ""
        alias = f"{self.name('r')}: " if aliased or arguments or self.chance(0.15) else ""
        below = self.fields(relation.target, depth + 1)
        return f"{alias}{relation.name}{given}{self.directive()} {{ {below} }}"

    def root(self) -> str:
        """A root field."""
        alias, name = self.name("q"), self.r.choice((*_LOOKED_UP, *["child", "_entities", "findChildren"] * 2, "me"))
        if name == "me":
            return f"{alias}: me{self.directive()} {{ {self.fields('Account', 0)} }}"
        if name == "findChildren":
            found = f"candidates {{ {self.fields('Child', 0)} }}"
            below = self.r.choice((f"tooMany {found}", found, f"x: candidates {{ id }} {found} __typename", "tooMany"))
            return f"{alias}: findChildren(by: {self.variable('Search')}) {{ {below} }}"
        if name == "_entities":
            types = self.r.sample(_ENTITIES, self.r.randint(1, 3))
            below = " ".join(f"... on {t} {{ {self.fields(t, 0, aliased=True)} }}" for t in types)
            return f"{alias}: _entities(representations: {self.variable('References')}) {{ __typename {below} }}"
        target = _LOOKED_UP[name]
        return f"{alias}: {name}(id: {self.variable(target)}){self.directive()} {{ {self.fields(target, 0)} }}"


_TYPES = {
    "Boolean": "Boolean! = true",
    "Kind": "InvolvementKind",
    "Open": "Boolean",
    "Search": "ChildSearch!",
    "References": "[_Any!]!",
}


def draw_operation(r: Random, *, depth: int = 6, most: int = 9) -> Drawn:
    """A valid operation with up to three roots, nested up to ``depth``, with up to ``most`` relations."""
    for _ in range(20):
        writer = _Writer(r, depth, most)
        roots = [writer.root() for _ in range(r.choice((1, 1, 1, 2, 3)))]
        if writer.chance(0.1):
            roots.append("__typename")
        declared = ", ".join(f"${name}: {_TYPES.get(of, 'ID!')}" for name, of in writer.variables.items())
        heading = f"query Q({declared})" if declared else "query Q"
        text = "\n".join([f"{heading} {{ {' '.join(roots)} }}", *writer.fragments])
        try:
            Documents().operation(text, None)
        except Refusal:
            continue  # too large, or two fields of one name clash: draw another
        return Drawn(text, dict(writer.variables))
    return Drawn("{ __typename }", {})


def bind(drawn: Drawn, world: World, place: Place, r: Random) -> dict[str, Any]:
    """Values for the variables of an operation on a world; one may be left out where it has a default."""
    values: dict[str, Any] = {}
    for name, stands_for in drawn.variables.items():
        if stands_for in {"Boolean", "Kind", "Open"} and r.random() < 0.25:
            continue
        values[name] = _value(stands_for, world, place, r)
    return values


def _value(stands_for: str, world: World, place: Place, r: Random) -> Any:
    match stands_for:
        case "Boolean":
            return r.random() < 0.6
        case "Open":
            return r.choice((True, False, None))
        case "Kind":
            return r.choice(("UNIVERSAL", "ADDITIONAL", "SENSITIVE", None))
        case "Search":
            return _search(world, place, r)
        case "References":
            return [_reference(world, r) for _ in range(r.randint(0, 4))]
    ids = world.ids(stands_for)
    return r.choice(ids) if ids and r.random() < 0.95 else "nobody"


def _search(world: World, place: Place, r: Random) -> dict[str, str]:
    """Mostly what is known of a child, sometimes misspelt, swapped or with something that does not fit."""
    child = world.nodes["Child"][r.choice(world.ids("Child"))]
    names = [child.get("familyName"), child.get("familyName"), child.get("givenName")]
    names += child.get("formerFamilyNames", [])
    families = [*[name for name in names if name] * 3, "lee ", "Obrien", "Smiht", "Dyke-Van"]
    by = {"familyName": r.choice(families)}
    if r.random() < 0.3:
        by["givenName"] = r.choice((child.get("givenName") or "ann", child.get("familyName") or "Mary", "Zoe"))
    born, place_of = child.get("dateOfBirth", place.born[2]), child.get("postcode", place.postcodes[0])
    given = r.choice(("dateOfBirth", "dateOfBirth", "postcode", "both"))
    if given != "postcode":
        by["dateOfBirth"] = born if r.random() < 0.8 else r.choice(place.born)
    if given != "dateOfBirth":
        by["postcode"] = place_of.lower().replace(" ", r.choice(("", " ")))
    return by


def _reference(world: World, r: Random) -> dict[str, Any]:
    type_name = r.choice(_ENTITIES)
    ids = world.ids(type_name)
    known = r.choice(ids) if ids and r.random() < 0.9 else "nobody"
    return {"__typename": type_name, "id": known, "givenName": "forged"}
