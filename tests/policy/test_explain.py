"""Explanations: the rule with its file and line, and the smallest change that would turn it."""

import re
from pathlib import Path

import pytest

from gateway.policy.files import PolicyError, read_policies
from gateway.settings import ROOT
from gateway.workbench.explain import Explanation, explain
from gateway.workbench.opa import Opa
from gateway.workbench.space import question
from tests.conftest import POLICIES

FILES = read_policies(POLICIES)


def why(opa: Opa, role: str, key: str, field: str, standing: str = "in-order") -> Explanation:
    """Why a role with a purpose of its own sees a field of a child, or does not."""
    return explain(opa, FILES, question([role], "safeguarding", standing), f"Child:{key}", [field])[field]


def line(rule: str) -> str:
    """The line that a rule's explanation points to."""
    file, row = re.findall(r"\((policies/\S+):(\d+)\)", rule)[0]
    return Path(ROOT, file).read_text("utf-8").splitlines()[int(row) - 1]


def test_a_shield_is_explained(opa: Opa) -> None:
    """Of a shielded child's address the shield is named, at its rule, and who else would see it."""
    found = why(opa, "social-worker", "shielded|true|direct", "address")
    assert found.said == "SHIELDED"
    (rule,) = found.rules
    assert rule.startswith("Shield: ")
    assert line(rule).startswith("withheld(class) := _closed[class.type] if not _passes")
    assert found.changes == ("shielding open", "the role management-team", "the role shielding-officer")


def test_a_tie_is_explained(opa: Opa) -> None:
    """A partner's caseworker without a tie would see the address with one."""
    found = why(opa, "partner-caseworker", "open|false|none", "address")
    assert found.said == "UNRELATED"
    assert {"tie organisation", "tie direct"} < set(found.changes)


def test_an_open_field_is_explained_by_its_table(opa: Opa) -> None:
    """Of an open field the entry of the role's table is named, and what would close it."""
    found = why(opa, "social-worker", "open|true|none", "address")
    assert found.said == "open"
    assert '"address"' in line(found.rules[0])
    assert "shielding shielded" in found.changes


def test_a_refusal_is_explained(opa: Opa) -> None:
    """Of somebody who is not let in each failed check is named, and what would let them in."""
    found = why(opa, "social-worker", "open|true|none", "address", "no-training")
    assert found.said == "TRAINING_LAPSED"
    assert line(found.rules[0]).startswith("refusals contains")
    assert found.changes == ("training today",)


def test_two_changes_are_found_where_one_is_not_enough(opa: Opa) -> None:
    """Where no single change would turn it, pairs of changes are given."""
    found = why(opa, "social-worker", "shielded|false|none", "address", "no-training")
    assert "shielding open and training today" in found.changes
    assert all(" and " in change for change in found.changes)


def test_what_there_is_not_is_not_explained(opa: Opa) -> None:
    """A class or field that the vocabulary has not is said to be none."""
    for key, field in (("open", "address"), ("open|true|none", "diary")):
        with pytest.raises(PolicyError, match="vocabulary"):
            why(opa, "social-worker", key, field)
