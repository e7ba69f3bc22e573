"""The invariant of mediated access: proved of all people and classes, and noticed where it is broken."""

import time
from dataclasses import replace
from typing import Any

import pytest

from gateway.policy.files import read_policies
from gateway.workbench import mediated
from gateway.workbench.proof import ProofError, check
from resolvers import decide, mediation
from resolvers.grants import ClassGrant, Grants
from resolvers.refusals import GateRefusal
from tests.conftest import POLICIES

FILES = read_policies(POLICIES)


def test_no_two_people_see_more_than_either_alone() -> None:
    """No two people see together, of any class and for any purpose, what one of them alone would not; in seconds."""
    begun = time.process_time()
    finding = mediated.prove(FILES)
    check([finding])
    assert finding.broken == 0
    assert time.process_time() - begun < 60


def _union(mine: ClassGrant, theirs: ClassGrant) -> ClassGrant:
    return replace(mine, open=mine.open | theirs.open)


def _searching(mine: ClassGrant, theirs: ClassGrant) -> ClassGrant:
    return replace(mine, open=mine.open & theirs.open, searchable=mine.searchable | theirs.searchable)


def _first(mine: ClassGrant, _: ClassGrant) -> ClassGrant:
    return mine


@pytest.mark.parametrize("meet", [_union, _searching, _first])
def test_a_wrong_intersection_is_noticed(meet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two people's grants are joined instead, or only one's are taken, a cell is named."""
    monkeypatch.setattr(mediation, "meet", meet)
    with pytest.raises(ProofError, match=r"mediation is broken in \d+ cells: .*\n.* other .*, class "):
        check([mediated.prove(FILES)])


def test_a_gate_that_lets_the_other_through_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the asker's gate is kept, the standing that should have closed it is named."""

    def both(self: decide.Decisions, mine: Any, theirs: Any) -> Grants:  # noqa: ARG001
        if mine.grants is None:
            raise GateRefusal(*mine.gate.codes)
        found: Grants = mine.grants
        return found

    monkeypatch.setattr(decide.Decisions, "_both", both)
    with pytest.raises(ProofError, match=r"everything, standing"):
        check([mediated.prove(FILES)])
