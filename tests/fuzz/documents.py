"""Random GraphQL from the schema: valid, broken by chance, and large on purpose."""

from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any

from seed.cast import SHIELDED_IDS
from tests.generative.operations import Drawn, draw_operation
from tests.timing.served import CAST

_SHAPES = 150
_CHARACTERS = '{}()[]:!$@|=,."#\\ \n\t&…\u202e\ud83d\U0001f46a0aÄ_'
_IDS = (*CAST["children"].values(), *SHIELDED_IDS, "nobody", "", "0", "' OR 1=1 //", "\u0000", "x" * 3000)


@cache
def _known(seed: int) -> Drawn:
    """An operation that is drawn again and again, so that its shape is soon known."""
    return draw_operation(Random(seed), most=1 + seed % 9)  # noqa: S311 - no secrets


def valid(r: Random, *, known: float = 0.8) -> dict[str, Any]:
    """A valid operation with fitting variables; in a share of draws one whose shape others have."""
    drawn = _known(r.randrange(_SHAPES)) if r.random() < known else draw_operation(r, most=r.choice((2, 5, 9)))
    return {"query": drawn.text, "variables": bound(drawn, r)}


def bound(drawn: Drawn, r: Random) -> dict[str, Any]:
    """Values for the variables of an operation."""
    return {name: _value(stands_for, r) for name, stands_for in drawn.variables.items()}


def _value(stands_for: str, r: Random) -> Any:
    match stands_for:
        case "Boolean" | "Open":
            return r.random() < 0.5
        case "Kind":
            return r.choice(("UNIVERSAL", "SENSITIVE", None))
        case "Search":
            return {"familyName": r.choice(("Fairbourne", "Merriden", "Zz", "é" * 200)), "dateOfBirth": "2015-05-14"}
        case "References":
            return [{"__typename": "Child", "id": r.choice(_IDS)} for _ in range(r.choice((0, 1, 5)))]
    return r.choice(_IDS)


def broken(r: Random) -> dict[str, Any]:
    """A valid operation with some characters lost, doubled, moved or put in; sometimes with unfitting variables."""
    asked = valid(r)
    text = asked["query"]
    for _ in range(r.choice((1, 1, 2, 5, 30))):
        at, length = r.randrange(len(text) + 1), r.choice((1, 1, 3, 20))
        piece = r.choice((text[at : at + length] * 2, "", "".join(r.choices(_CHARACTERS, k=length))))
        text = text[:at] + piece + text[at + r.choice((0, length)) :]
    if r.random() < 0.3:
        asked["variables"] = {name: r.choice((None, [], {}, -1, 1.5, "x", [[1]])) for name in asked["variables"]}
    return {**asked, "query": text}


def doubling(depth: int) -> str:
    """Fragments each of which spreads the next one twice: two to that power fields, once they are spread."""
    links = [f"fragment f{n} on Child{{...f{n + 1} ...f{n + 1}}}" for n in range(depth)]
    return "".join(['{child(id:"x"){...f0}}', *links, f"fragment f{depth} on Child{{id}}"])


def nested(levels: int) -> str:
    """Carers' children's carers, and so on, behind each other."""
    steps = ("carers", "carer", "children", "child")
    opened = "".join(f"{steps[level % 4]}{{" for level in range(levels))
    last = "relationship" if levels % 2 else "id"
    return f'{{child(id:"{CAST["children"]["open-child"]}"){{{opened}{last}{"}" * levels}}}}}'


def wide(fields: int) -> str:
    """One field under many aliases, each of which is answered, most of them through a fragment that is spread often."""
    half = 999
    spread = "".join(f"a{n}:givenName " for n in range(min(fields, half)))
    roots = "".join(f'r{n}:child(id:"{CAST["children"]["open-child"]}"){{...f}}' for n in range(-(-fields // half)))
    return f"{{{roots}}}fragment f on Child{{{spread}}}"


def large(r: Random) -> dict[str, Any]:
    """Something that is too much, or nearly."""
    n = r.choice((3, 10, 100, 1000, 4000))
    made: Mapping[str, Callable[[], str]] = {
        "doubling": lambda: doubling(min(n, 100)),
        "nested": lambda: nested(min(n, 300)),
        "wide": lambda: wide(n),
        "roots": lambda: "{" + "".join(f"a{i}:me{{id}}" for i in range(n)) + "}",
        "directives": lambda: "{ me { id " + "@skip(if: false) " * n + "} }",
        "braces": lambda: "{me" * n + "}" * n,
        "values": lambda: "{ child(id: " + "[" * n + "]" * n + ") { id } }",
        "strings": lambda: '{ child(id: "' + "\\u0041" * n + '") { id } }',
        "cycle": lambda: "{ me { ...a } } fragment a on Account { ...b } fragment b on Account { ...a }",
        "introspection": lambda: "{ __schema { types { " + "fields { type { " * 6 + "name" + " } }" * 6 + " } } }",
        "mutation": lambda: "mutation { a } subscription { b }",
    }
    return {"query": made[r.choice(sorted(made))](), "variables": {}}
