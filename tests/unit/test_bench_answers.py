"""The bench's one answer: what each target says, in the common form, and how it is asked for."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from bench.answer import answer_of, leaves, of_gateway, of_neo4j, of_postgraphile
from bench.model import BenchError, Load
from bench.people import ACCOUNTS, turns
from bench.postgres import _cell, _column
from bench.processes import family, spent, used
from bench.rounds import check
from bench.wrk import raw
from seed.cast_shielded import SHIELDED_IDS, SHIELDED_MARKERS

LEAD: list[Any] = ["p", "Kay Moss", "Social worker", "1", "k@council.example"]
LINES = ["1 High Street"]
ROW: list[Any] = [
    ["c", "1", "Nia", "Fay", "2015-05-14", "FEMALE"],
    [LINES, "QA1 1AA", "CURRENT"],
    ["Council", "2", None],
    [["mother", True, "w", "Ann", "Fay", "3", LINES, "QA1 1AA", "CURRENT"]],
    [["i", "UNIVERSAL", "2020-01-01", False, ["s", "School", "SCHOOL", "4", "s@x.example", None, "Trust"], None]],
    LEAD,
]
"""A record of the plain statement."""


def named(names: str, values: list[Any]) -> dict[str, Any]:
    """A record of these fields."""
    return dict(zip(names.split(), values, strict=True))


CHILD = named("id number givenName familyName dateOfBirth gender", ROW[0])
CARER = named("id givenName familyName phone", ["w", "Ann", "Fay", "3"])
PLACE = named("lines postcode state", ROW[1])
FLAT = named("addressLines postcode addressState", ROW[1])
COUNCIL = named("name phone outOfHoursPhone", ROW[2])
CARE = named("relationship parentalResponsibility", ["mother", True])
WORK = named("id kind since lead", ["i", "UNIVERSAL", "2020-01-01", False])
SCHOOL = named("id name kind phone email outOfHoursPhone", ["s", "School", "SCHOOL", "4", "s@x.example", None])
PERSON = named("id name role phone email", LEAD)
ANSWERS = {
    "gateway": of_gateway(
        {
            "child": {
                **CHILD,
                "address": PLACE,
                "authority": COUNCIL,
                "carers": [{**CARE, "carer": {**CARER, "address": PLACE, "access": {"withheld": []}}, "access": {}}],
                "involvements": [
                    {
                        **WORK,
                        "service": {**SCHOOL, "organisation": {"name": "Trust"}},
                        "practitioner": None,
                        "access": 1,
                    }
                ],
                "leadProfessional": PERSON,
                "access": {"shielded": False},
            }
        }
    ),
    "neo4j": of_neo4j(
        {
            "children": [
                {
                    **CHILD,
                    **FLAT,
                    "authority": [COUNCIL],
                    "carersConnection": {"edges": [{"properties": CARE, "node": {**CARER, **FLAT}}]},
                    "involvements": [
                        {**WORK, "service": [{**SCHOOL, "organisation": [{"name": "Trust"}]}], "practitioner": []}
                    ],
                    "lead": [{"practitioner": [PERSON]}],
                }
            ]
        }
    ),
    "postgraphile": of_postgraphile(
        {
            "child": {
                **CHILD,
                **FLAT,
                "authority": COUNCIL,
                "carers": [{**CARE, "carer": {**CARER, **FLAT}}],
                "openInvolvements": [
                    {**WORK, "service": {**SCHOOL, "organisation": {"name": "Trust"}}, "practitioner": None}
                ],
                "leadProfessional": PERSON,
            }
        }
    ),
}


@pytest.mark.parametrize("target", ANSWERS)
def test_all_targets_tell_the_same(target: str) -> None:
    """What each target says about a child is, in the common form, what the plain statement says."""
    assert ANSWERS[target] == answer_of(ROW)


def test_values_are_counted() -> None:
    """An answer's values are its leaves; the lines of an address are one, and an empty list is one."""
    assert leaves(answer_of(ROW)) == 6 + 3 + 3 + 2 + 4 + 3 + 4 + 7 + 1 + 5
    assert leaves({"carers": []}) == 1


class Said:
    """A target that gives these answers."""

    name = "it"
    parts: Mapping[str, Sequence[int]] = MappingProxyType({})

    def __init__(self, *answers: Any, of_hidden: Any = None) -> None:
        self._answers, self._of_hidden = list(answers), of_hidden

    def about_hidden(self) -> list[Any]:
        """What it tells about people who are hidden."""
        return [self._of_hidden]

    def answers(self, count: int) -> list[Any]:
        """The first answers."""
        return self._answers[:count]

    def load(self, clients: int, seconds: float) -> Load:  # noqa: ARG002 - a port
        """It is never measured."""
        raise AssertionError


def test_a_target_that_tells_something_else_is_not_measured() -> None:
    """Before anything is measured, answers are compared, and one that differs or is missing ends the bench."""
    check([Said(1, 2)], [1, 2])
    with pytest.raises(BenchError, match="it answers 3"):
        check([Said(1, 2), Said(1, 3)], [1, 2])
    with pytest.raises(BenchError, match="1 of 2"):
        check([Said(1)], [1, 2])


@pytest.mark.parametrize("marker", [*SHIELDED_MARKERS, *SHIELDED_IDS])
def test_a_target_that_tells_where_a_shielded_child_is_is_not_measured(marker: str) -> None:
    """Whatever would place a shielded child or her family ends the bench, wherever it stands in an answer."""
    check([Said(of_hidden={"child": None, "carers": [{"name": "A"}]})], [])
    with pytest.raises(BenchError, match="it tells of a shielded child's family"):
        check([Said(of_hidden={"carers": [{"told": [f"so {marker} it is"]}]})], [])


def test_requests_go_round_evenly() -> None:
    """Every child is asked about and every account asks equally often, and never always the same pair."""
    asked = list(turns(500, 2000))
    assert len(set(asked)) == 2000
    assert {sum(child == at for child, _ in asked) for at in range(500)} == {4}
    assert {sum(asker == each for _, asker in asked) for each in {asker for _, asker in asked}} == {2000 // ACCOUNTS}


def test_a_request_is_written_as_it_goes_over_the_wire() -> None:
    """A request has its length and headers, and its body after an empty line."""
    head, _, body = raw(8080, "/graphql", {"authorization": "Bearer x"}, b"{}").partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /graphql HTTP/1.1"
    assert {b"Host: 127.0.0.1:8080", b"Content-Length: 2", b"authorization: Bearer x"} < set(head.split(b"\r\n"))
    assert body == b"{}"


def test_cells_are_written_as_postgresql_reads_them() -> None:
    """A list becomes an array whose quotes and backslashes are escaped; a column is named in lower case."""
    assert _cell(['4 "The Elms"', "a\\b"]) == '{"4 \\"The Elms\\"","a\\\\b"}'
    assert (_cell(None), _cell(True)) == (None, True)
    assert _column("outOfHoursPhone") == "out_of_hours_phone"


def test_processes_are_counted_with_their_children() -> None:
    """A part's processor time and memory are those of its processes and all that they started."""
    burning = "x = [*range(3_000_000)]; print(sum(x), flush=True); input()"
    starting = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burning!r}])"
    before = used({"it": []})
    command = [sys.executable, "-c", starting]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdout
        process.stdout.readline()
        assert len(family([process.pid])) == 2
        (part,) = spent(before, {"it": [process.pid]})
        process.communicate(b"\n")
    assert (part.name, part.processes) == ("it", 2)
    assert part.seconds >= 0.05
    assert 90 < part.largest < part.memory + 90
    assert os.getpid() not in family([process.pid])
