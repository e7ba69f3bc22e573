"""The bench's situations: what is asked in them, and how what is seen is told."""

import json
import threading
from collections import Counter, defaultdict
from itertools import count, islice
from typing import Any

import pytest
from graphql import parse, validate

from bench.asking import REPRESENTATIONS, SHIFT, asked, entities, shift
from bench.beside import beside
from bench.model import BenchError
from bench.overload import told
from bench.people import ACCOUNTS, ASKERS
from bench.profile import shares, stage_of
from bench.shapes import chain
from gateway.settings import ROOT
from resolvers.document import Documents, variables_of
from resolvers.plan import Plans
from resolvers.uses import Shapes
from schema.executable import SCHEMA
from schema.operations import OPERATIONS

TURNS = [
    (
        {
            "id": f"child {at}",
            "familyName": "Fay",
            "dateOfBirth": "2015-05-14",
            "involvements": [{"service": {"id": f"service {at}"}}],
        },
        ASKERS[at % ACCOUNTS],
    )
    for at in range(2000)
]
DOCUMENTS = Documents()
VARIABLES: dict[str, Any] = {"id": "1", "by": {}, "representations": []}
INPUTS: dict[int, Any] = defaultdict(dict)
HEADERS = {asker: {"authorization": asker.id} for asker in ASKERS}


def planned(text: str) -> Any:
    """The plan of an operation about some child."""
    operation = DOCUMENTS.operation(text, None)
    return Plans().plan(operation, variables_of(operation, {"id": "1"}))


def test_a_shift_has_its_operations_in_their_shares() -> None:
    """A shift's operations come about as often as they should, each with variables that fit it."""
    found: Counter[str] = Counter()
    names = {text: name for name, text in OPERATIONS.items()}
    for request in shift(iter(TURNS), HEADERS):
        sent = json.loads(request.body)
        found[names[sent["query"]]] += 1
        variables_of(DOCUMENTS.operation(sent["query"], None), sent["variables"])
    assert sum(SHIFT.values()) == 100
    assert set(found) == set(SHIFT)
    assert all(abs(100 * found[name] / len(TURNS) - share) < 4 for name, share in SHIFT.items())


def test_a_router_asks_for_as_much_as_it_may() -> None:
    """Each account asks once for a hundred different representations, as many as policy lets it."""
    allowed = json.loads((ROOT / "policies/directory/representations/data.json").read_text("utf-8"))
    requests = entities(iter(TURNS), HEADERS)
    assert len({request.headers["authorization"] for request in requests}) == len(requests) == ACCOUNTS
    for request in requests:
        given = json.loads(request.body)["variables"]["representations"]
        assert len({json.dumps(each) for each in given}) == len(given) == REPRESENTATIONS == allowed["most"]


def test_a_search_gives_what_is_known() -> None:
    """A search is for the child's family name and date of birth, by whose turn it is."""
    (first, *_) = asked("find", iter(TURNS), HEADERS)
    assert json.loads(first.body)["variables"] == {"by": {"familyName": "Fay", "dateOfBirth": "2015-05-14"}}
    assert first.headers == {"authorization": ASKERS[0].id}


@pytest.mark.parametrize("depth", range(1, 9))
def test_chains_are_new_shapes(depth: int) -> None:
    """An operation of every depth is valid, and of a shape that neither warming nor a lower depth has sent."""
    known = Shapes()
    for text in [*OPERATIONS.values(), *(chain(each) for each in range(1, min(depth, 4)))]:
        operation = DOCUMENTS.operation(text, None)
        known.sent(known.new(Plans().plan(operation, variables_of(operation, VARIABLES)), INPUTS))
    assert validate(SCHEMA, parse(chain(depth))) == []
    assert depth > 4 or known.new(planned(chain(depth)), INPUTS)


def test_numbered_chains_differ() -> None:
    """Thirty-two numbers give as many shapes of one depth, so that somebody can send ever new ones."""
    every = [Shapes().new(planned(chain(4, number)), INPUTS) for number in range(32)]
    assert len({tuple(each) for each in every}) == 32


STACK = "serve (/x/uvicorn/server.py:1);answer ({root}/resolvers/pipeline.py:9);{frame};pack (/lib/redis/x.py:3)"


@pytest.mark.parametrize(
    ("frame", "stage"),
    [
        ("run ({root}/.venv/lib/python3.11/site-packages/neo4j/_async/io.py:4)", "graph driver"),
        ("compile ({root}/graph/compile.py:4)", "statement and its parameters"),
        ("spend ({root}/gateway/meter.py:4)", "allowances"),
        ("record ({root}/audit/writer.py:4)", "record"),
        ("decide ({root}/resolvers/decide.py:4)", "policy"),
        ("other ({root}/resolvers/pipeline.py:4)", "pipeline"),
    ],
)
def test_a_moment_belongs_to_the_innermost_stage(frame: str, stage: str) -> None:
    """A moment belongs to the stage of the innermost file that has one, whoever called it and whatever it calls."""
    assert stage_of(STACK.replace("{frame}", frame).replace("{root}", str(ROOT))) == stage
    assert stage_of("main (/x/python.py:1)") == "event loop"


def test_shares_add_up() -> None:
    """The shares of the stages are of all moments, largest first."""
    lines = [f"a ({ROOT}/audit/seal.py:1) 1", f"a ({ROOT}/graph/reader.py:1);b ({ROOT}/graph/compile.py:1) 3"]
    assert list(shares(lines).items()) == [("statement and its parameters", 0.75), ("record", 0.25)]


def result(code: int, milliseconds: float, **headers: str) -> dict[str, Any]:
    """A result as vegeta tells it."""
    return {
        "code": code,
        "latency": milliseconds * 1e6,
        "error": "",
        "headers": {name: [v] for name, v in headers.items()},
    }


def test_a_rush_is_told_apart() -> None:
    """Answered and refused requests are counted and timed apart."""
    refused = [result(503, 1, **{"Retry-After": "1"})] * 2
    figures = told([result(200, 10), result(200, 30), *refused], rate=2.0)
    assert (figures["answered/s"], figures["refused/s"]) == (1.0, 1.0)
    assert (figures["answered p50 ms"], figures["answered p99 ms"], figures["refused p99 ms"]) == (10.0, 30.0, 1.0)


@pytest.mark.parametrize("wrong", [result(503, 1), result(0, 1), result(500, 1)])
def test_a_rush_with_another_end_means_nothing(wrong: dict[str, Any]) -> None:
    """A request that was neither answered nor told when to try again leaves no figure."""
    with pytest.raises(BenchError, match="neither answered nor told to wait"):
        told([result(200, 10), wrong], rate=2.0)


def test_work_beside_a_load_ends_with_it() -> None:
    """What goes on beside a load is told when that ends, and what it raises is raised."""
    steps: list[int] = []

    def work(ended: threading.Event) -> None:
        steps.extend(islice(count(), 3))
        assert ended.wait(30)
        raise KeyError("afterwards")

    with pytest.raises(KeyError, match="afterwards"), beside(work):
        pass
    assert steps == [0, 1, 2]
