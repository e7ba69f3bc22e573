"""The search for children, done the slow way: every child of the world against everything that was given."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from graph.names import codes, postcode_key, words
from resolvers.model import SearchRules
from tests.judge.records import Record, Records

EXACT, SAME_FIELD, AS_GIVEN = 4, 2, 1
"""What a hit weighs: the very word, in the field it was given as, with the date of birth not swapped."""


class TooVagueError(Exception):
    """What was given is not enough to search by."""


def search(records: Records, rules: SearchRules, by: Mapping[str, Any]) -> list[Record] | None:
    """The candidates, best first; None where there are too many.

    Raises:
        TooVagueError: the rules ask for more.
    """
    given = {name: value for name, value in by.items() if value}
    if not rules.suffices(frozenset(given)):
        raise TooVagueError
    scored = []
    for child_id in records.world.nodes["Child"]:
        child = records.get("Child", child_id)
        score = None if child is None else _score(child, given)
        if child is not None and score is not None:
            scored.append((-score, child_id, child))
    scored.sort(key=lambda each: each[:2])
    return None if len(scored) > rules.candidates else [child for _, _, child in scored]


def _searchable(child: Record, name: str, known_as: str | None = None) -> bool:
    return child.opens(name) and (known_as or name) in child.grant.searchable


def _score(child: Record, given: Mapping[str, Any]) -> int | None:
    """How well a child matches; None if anything given does not match or may not be searched by."""
    weight = AS_GIVEN
    if born := given.get("dateOfBirth"):
        if not _searchable(child, "dateOfBirth") or child.props.get("dateOfBirth") not in {born, _swapped(born)}:
            return None
        weight = AS_GIVEN if child.props["dateOfBirth"] == born else 0
    if place := given.get("postcode"):
        lives = child.props.get("postcode")
        if not _searchable(child, "address", "postcode") or lives is None or postcode_key(lives) != postcode_key(place):
            return None
    total = 0
    for field in ("givenName", "familyName"):
        for word in words(given.get(field, "")):
            hits = [
                weight + EXACT * (name == word) + SAME_FIELD * (named == field)
                for named, name in _names(child.props)
                if _searchable(child, named)
                for code in set(codes(word)) & set(codes(name))
                if code
            ]
            if not hits:
                return None
            total += sum(hits)
    return total


def _names(props: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Every word of every name, with the field it comes from."""
    former = [*props.get("formerGivenNames", []), *props.get("formerFamilyNames", [])]
    named = [("givenName", props.get("givenName", "")), ("familyName", props.get("familyName", ""))]
    return {(field, word) for field, name in [*named, *(("formerNames", n) for n in former)] for word in words(name)}


def _swapped(born: str) -> str:
    year, month, day = born.split("-")
    try:
        return date(int(year), int(day), int(month)).isoformat()
    except ValueError:
        return born
