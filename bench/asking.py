"""What else the gateway is asked in a day: the requests of a shift, of a search, of a router."""

from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from random import Random

from bench.http import Request, body
from bench.model import Json
from bench.people import Asker
from gateway.demo import SEED
from schema.operations import OPERATIONS

SHIFT = {"child": 50, "find": 20, "service": 12, "family": 8, "me": 6, "caseload": 4}
"""Of a hundred operations in a shift, how many are which: set here, after what each is for."""
REPRESENTATIONS = 100
"""What a router may ask for at once."""


def child(answer: Mapping[str, Json]) -> dict[str, Json]:
    """Variables: who works with this child?"""
    return {"id": answer["id"]}


def find(answer: Mapping[str, Json]) -> dict[str, Json]:
    """Variables: which child do you mean? By family name and date of birth."""
    return {"by": {"familyName": answer["familyName"], "dateOfBirth": answer["dateOfBirth"]}}


def variables(operation: str, answer: Mapping[str, Json], asker: Asker) -> dict[str, Json]:
    """The variables with which an asker asks something about a child whose answer is known."""
    if operation == "find":
        return find(answer)
    if operation == "service":
        return {"id": answer["involvements"][0]["service"]["id"]}
    if operation == "me":
        return {}
    return {"id": asker.practitioner} if operation == "caseload" else child(answer)


def asked(
    operation: str, turns: Iterator[tuple[Mapping[str, Json], Asker]], headers: Mapping[Asker, Mapping[str, str]]
) -> list[Request]:
    """One operation, asked in turn."""
    return [
        Request(headers[asker], body(OPERATIONS[operation], variables(operation, answer, asker)))
        for answer, asker in turns
    ]


def shift(
    turns: Iterator[tuple[Mapping[str, Json], Asker]], headers: Mapping[Asker, Mapping[str, str]]
) -> list[Request]:
    """The operations of a shift, in an order that follows nothing."""
    rng = Random(SEED)  # noqa: S311 - an order
    names, weights = list(SHIFT), list(SHIFT.values())
    drawn = ((rng.choices(names, weights)[0], answer, asker) for answer, asker in turns)
    return [
        Request(headers[asker], body(OPERATIONS[name], variables(name, answer, asker))) for name, answer, asker in drawn
    ]


def entities(
    turns: Iterator[tuple[Mapping[str, Json], Asker]], headers: Mapping[Asker, Mapping[str, str]]
) -> list[Request]:
    """What a router asks: a hundred representations at once, of children and their services; each asker once."""
    known = list(turns)
    askers = list(dict.fromkeys(asker for _, asker in known))
    requests = []
    for at, asker in enumerate(askers):
        told: list[dict[str, str]] = []
        for answer, _ in islice(cycle(known), at, at + REPRESENTATIONS // 2):
            told.append({"__typename": "Child", "id": answer["id"]})
            told.append({"__typename": "Service", "id": answer["involvements"][0]["service"]["id"]})
        requests.append(Request(headers[asker], body(OPERATIONS["entities"], {"representations": told})))
    return requests
