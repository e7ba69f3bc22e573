"""The parameters of a statement, for each ask: grants as bit strings, ids and arguments, and the asking account."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from graph.names import codes, postcode_key, words
from graph.unlogged import Unlogged
from resolvers.grants import Grants
from resolvers.model import Account
from resolvers.ports import Reading
from resolvers.tree import Node, Statement

_NOTHING: frozenset[str] = frozenset()


def together(asks: Sequence[Mapping[str, Any]], limit: int) -> dict[str, Any]:
    """The parameters of a statement that answers several: each ask with its number, in one map that no log tells of.

    Bit strings that several have in common travel once: most who ask at the same time do so in a few roles. They are
    told apart by identity, since grants keep one map for each statement; two that are equal would only travel twice.
    """
    grants = {id(ask["g"]): ask["g"] for ask in asks}
    places = {each: place for place, each in enumerate(grants)}
    numbered = [{**ask, "n": n, "g": places[id(ask["g"])]} for n, ask in enumerate(asks)]
    return {"all": Unlogged(asks=numbered, grants=list(grants.values()), limit=limit)}


def alone(statement: Statement, reading: Reading) -> dict[str, Any]:
    """The parameters of a statement that answers one."""
    return together([asked(statement, reading)], reading.limit)


def asked(statement: Statement, reading: Reading) -> dict[str, Any]:
    """The maps of an ask: ``g``, ``a``, ``me``, and ``you`` where somebody else is asked for."""
    people = {"me": person(reading.account, reading.today)}
    if reading.other:
        people["you"] = person(reading.other, reading.today)
    exactly = (statement.signature, statement.wanted)
    granted = reading.grants.kept(exactly, lambda: _granted(statement, reading.grants))
    return {"g": granted, "a": _given(statement, reading), **people}


def _given(statement: Statement, reading: Reading) -> dict[str, Any]:
    """Where each part starts from, and the arguments of each node that has any."""
    given: dict[str, Any] = {}
    for place, part in enumerate(statement.parts):
        source = reading.inputs[part.number]
        given[f"p{place}"] = searched(source) if isinstance(source, Mapping) else {"ids": list(source)}
        for node in part.asking:
            bound = reading.arguments[id(node)]
            given[f"n{place}_{node.index}"] = {name: getattr(value, "value", value) for name, value in bound.items()}
    return given


def person(account: Account, today: str) -> dict[str, Any]:
    """What a statement compares with of a person."""
    return {
        "account": account.id,
        "version": account.version,
        "organisationVersion": account.organisation_version,
        "practitioner": account.practitioner,
        "organisation": account.organisation,
        "area": account.area,
        "today": today,
    }


def _granted(statement: Statement, grants: Grants) -> dict[str, dict[str, str]]:
    """The bit strings for every node of a statement."""
    return {
        name: bits
        for place, part in enumerate(statement.parts)
        for node in part.root.walk()
        for name, bits in _bits(
            f"n{place}_{node.index}", node, grants, search=node is part.root and part.kind == "search"
        )
    }


def _bits(tag: str, node: Node, grants: Grants, *, search: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """The bit strings of a node, and of the records at the ends of a link or on the way."""
    yield tag, grants.bits(node.type, node.wanted, search=search)
    wanted = {child.relation: child.wanted for child in node.children}
    if node.type == "Care":
        yield f"{tag}_child", grants.bits("Child", wanted.get("child", _NOTHING))
        yield f"{tag}_carer", grants.bits("Carer", wanted.get("carer", _NOTHING))
    if node.type == "Involvement":
        yield f"{tag}_child", grants.bits("Child", wanted.get("child", _NOTHING))
    if node.relation == "leadProfessional":
        yield f"{tag}_via", grants.bits("Involvement", _NOTHING)


def searched(by: Mapping[str, Any]) -> dict[str, Any]:
    """What a search needs: every code of every word given, with every date that it may mean.

    A hit weighs 4 for the exact word, 2 for the field it was given as, 1 for a date of birth that is not swapped.
    """
    given = [(field, word) for field in ("givenName", "familyName") for word in words(by.get(field) or "")]
    place = postcode_key(by["postcode"]) if by.get("postcode") else None
    dates = dates_meant(by["dateOfBirth"]) if by.get("dateOfBirth") else [None]
    keys = [
        {"word": number, "field": field, "name": word, "code": code, "date": day, "place": place}
        | {"exact": 4, "same": 2, "base": 1 if swapped == 0 else 0}
        for number, (field, word) in enumerate(given)
        for code in codes(word)
        for swapped, day in enumerate(dates)
    ]
    return {
        "keys": keys,
        "words": list(range(len(given))),
        "dated": by.get("dateOfBirth") is not None,
        "placed": place is not None,
    }


def dates_meant(day: str) -> list[str]:
    """The date as given and, where that is a date too, with day and month swapped."""
    year, month, number = day.split("-")
    swapped = f"{year}-{number}-{month}"
    try:
        date.fromisoformat(swapped)
    except ValueError:
        return [day]
    return [day] if swapped == day else [day, swapped]
