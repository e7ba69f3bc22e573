"""What changes in the schema mean for those who compose it: which break them, and what the changelog says."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)
from graphql.utilities import find_breaking_changes, find_dangerous_changes

_PUBLISHED = Path(__file__).parent / "published"
_LINK = re.compile(r"^schema\b[^{]*", re.MULTILINE)
_DIRECTIVE = re.compile(r" @(?:key|shareable|inaccessible|tag|authenticated)\b(?:\([^)]*\))?")
_KEY = re.compile(r"^type (\w+)(.*?) \{$", re.MULTILINE)
_DATED = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        kind: "breaking", "dangerous" or "added".
        what: a sentence.
    """

    kind: str
    what: str


def changes(old: str, new: str) -> list[Change]:
    """What differs between two schema definitions, as those see it who compose or query them.

    Args:
        old: the published definition.
        new: the definition that is to follow it.
    """
    before, after = _plain(old), _plain(new)
    breaking = [Change("breaking", change.description) for change in find_breaking_changes(before, after)]
    breaking += [Change("breaking", sentence) for sentence in _unkeyed(old, new)]
    dangerous = [Change("dangerous", change.description) for change in find_dangerous_changes(before, after)]
    added = [Change("added", f"{name} was added.") for name in sorted(_names(after) - _names(before))]
    return [*breaking, *dangerous, *added]


def undated(definition: str) -> list[str]:
    """The deprecations that do not say, as a date, until when the field stays."""
    return [name for name, reason in _deprecated(_plain(definition)) if not _is_dated(reason)]


def published() -> dict[str, str]:
    """The schema definition of every published version, the oldest first; a file begins with its date in a comment."""
    paths = sorted(_PUBLISHED.glob("*.graphql"), key=lambda path: [int(part) for part in path.stem.split(".")])
    return {path.stem: path.read_text("utf-8") for path in paths}


def undeclared(new: str) -> list[str]:
    """The breaking changes since the newest published version that nobody has declared, with a date and a way out."""
    breaking = [each.what for each in changes([*published().values()][-1], new) if each.kind == "breaking"]
    return [what for what in breaking if not _is_dated(_declared().get(what, ""))]


def changelog(new: str) -> str:
    """The changelog as a page: what each version changed, and what the next one will.

    Args:
        new: the definition that is to be published next.
    """
    versions = [(name, text, f" ({text.splitlines()[0].removeprefix('# ')})") for name, text in published().items()]
    steps = [*versions, ("Next version", new, "")]
    lines = [
        "# Changes of the schema",
        "",
        "`directory schema changelog` makes this page from `schema/published/`.",
        "",
    ]
    for (_, old, _), (name, text, when) in reversed([*pairwise(steps)]):
        found = changes(old, text)
        lines += [f"## {name}{when}", "", *(_line(each) for each in found)] if found else []
        lines += [""] if found else []
    first, _, when = versions[0]
    return "\n".join([*lines, f"## {first}{when}", "", "The first published version."])


def _line(change: Change) -> str:
    told = _declared().get(change.what)
    return f"- **{change.kind}**: {change.what}{f' {told}' if told else ''}"


def _declared() -> dict[str, str]:
    """The breaking changes that are declared: for each, from which date it holds and what to do instead."""
    found: dict[str, str] = json.loads((_PUBLISHED / "breaking.json").read_text("utf-8"))
    return found


def _plain(definition: str) -> GraphQLSchema:
    """A definition without Federation's directives and entry points, which graphql-core does not know."""
    text = _DIRECTIVE.sub("", _LINK.sub("schema ", definition))
    return build_schema(text)


def _unkeyed(old: str, new: str) -> Iterator[str]:
    """Entities whose key is no more: those who extend them cannot be composed any longer."""
    after = {name: set(re.findall(r'@key\(fields: "([^"]+)"', rest)) for name, rest in _KEY.findall(new)}
    for name, rest in _KEY.findall(old):
        for key in re.findall(r'@key\(fields: "([^"]+)"', rest):
            if name in after and key not in after[name]:
                yield f"{name} has no key {key} any more."


def _names(schema: GraphQLSchema) -> set[str]:
    found = set()
    for name, each in schema.type_map.items():
        if name.startswith("__"):
            continue
        found.add(name)
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            found |= {f"{name}.{field}" for field in each.fields}
        elif isinstance(each, GraphQLEnumType):
            found |= {f"{name}.{value}" for value in each.values}
    return found


def _deprecated(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    for name, each in schema.type_map.items():
        if isinstance(each, GraphQLObjectType | GraphQLInputObjectType):
            members: Mapping[str, Any] = each.fields
        elif isinstance(each, GraphQLEnumType) and not name.startswith("__"):
            members = each.values
        else:
            continue
        for member, found in members.items():
            if found.deprecation_reason is not None:
                yield f"{name}.{member}", found.deprecation_reason


def _is_dated(reason: str) -> bool:
    dates = _DATED.findall(reason)
    try:
        return bool(dates) and all(date.fromisoformat(each) for each in dates)
    except ValueError:
        return False
