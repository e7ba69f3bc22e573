"""The invariants: all hold, and each is broken by the mistake that it is there for."""

import json
import time
from pathlib import Path

import pytest

from gateway.policy.files import PolicyError
from gateway.workbench.opa import Opa
from gateway.workbench.proof import ProofError, check, invariants, prove
from tests.conftest import POLICIES
from tests.policy.conftest import Edit

MISTAKES = {
    "actions": ("closures/data.json", '"account-administrator", ', ""),
    "answers": ("roles/data.json", '"always": ["service", "practitioner", "organisation", "account"]', '"always": []'),
    "cleared": ("clearances/data.json", '"management-team", "shielding-officer"', '"shielding-officer"'),
    "duties": ("roles/data.json", '"service-contact", ', ""),
    "introspection": ("introspection/data.json", '"data-manager"', '"auditor"'),
    "listings": ("listings/data.json", '"involvements": "own"', '"involvements": "all"'),
    "protection": ("shielding/data.json", '"universal", "additional"', '"additional"'),
    "purposes": ("purposes/data.json", '"roles": ["data-manager", "management-team"]', '"roles": ["data-manager"]'),
    "qualification": ("vetting/data.json", '"enhanced": 3', '"enhanced": 4'),
    "reasons": ("reasons/data.json", '"contact": "national-relay"', '"contact": "brokering"'),
    "reviewers": ("purposes/data.json", '"account-administrator", "auditor"', '"auditor", "data-manager"'),
    "roles": (
        "searchable/searchable.rego",
        "some role in capacity.roles",
        "count(capacity.roles) < 2\n\tsome role in capacity.roles",
    ),
    "sealed": ("roles/data.json", '"identity", "area"', '"identity", "sealed", "area"'),
    "search": ("search/data.json", '"postcode": "address"', '"postcode": "number"'),
    "sensitive": ("sensitivity/data.json", '"since",', '"since", "lead",'),
    "shield": (
        "shielding/data.json",
        '"number", "givenName", "familyName", "dateOfBirth", "carers"',
        '"number", "address"',
    ),
    "ties": ("ties/data.json", '"organisation"', '"none"'),
    "vocabulary": ("vocabulary/data.json", '"domain": ["none", "organisation", "direct"]', '"domain": ["none", "x"]'),
    "unknown": (
        "classes/classes.rego",
        "class.attributes[attribute.name] in attribute.domain",
        "class.attributes[attribute.name]",
    ),
}
"""For each invariant, a change that breaks it: the file, and one text for another."""


def test_every_invariant_holds_in_seconds(opa: Opa) -> None:
    """Every invariant holds in every cell of the decision space, and that is known in less than a minute."""
    begun = time.monotonic()
    findings = prove(opa, POLICIES)
    check(findings)
    assert time.monotonic() - begun < 60
    assert [each.invariant.name for each in findings] == sorted(MISTAKES)


@pytest.mark.parametrize("name", MISTAKES)
def test_an_invariant_is_broken_by_its_mistake(name: str, opa: Opa, folder: Path, edit: Edit) -> None:
    """Each invariant notices the mistake that it is there for, and names a cell."""
    file, old, new = MISTAKES[name]
    edit(f"directory/{file}", old, new)
    broken = opa.value(f"data.invariants.{name}.broken", folder)
    assert broken
    assert all({"role", "roles", "attribute", "field"} & cell.keys() for cell in broken)


def test_a_smallest_counterexample_is_shown(opa: Opa, folder: Path, edit: Edit) -> None:
    """A broken invariant is told by name, title and place, with one smallest cell in words."""
    edit(
        "directory/shielding/data.json",
        '"number", "givenName", "familyName",',
        '"number", "gender", "givenName", "familyName",',
    )
    findings = prove(opa, folder)
    with pytest.raises(ProofError) as caught:
        check(findings)
    (line,) = [line for line in str(caught.value).splitlines() if "shield is broken" in line]
    assert "policies/invariants/shield/shield.rego:" in line
    assert "shielding=shielded tie=none, gender" in str(caught.value)
    (finding,) = [each for each in findings if each.broken]
    assert min(len(json.dumps(each)) for each in opa.value("data.invariants.shield.broken", folder)) == len(
        json.dumps(finding.smallest)
    )


def test_no_invariants_prove_nothing(opa: Opa, folder: Path, tmp_path: Path) -> None:
    """A policy folder without invariants is not taken for a proven one."""
    (folder / "invariants").rename(tmp_path / "elsewhere")
    with pytest.raises(PolicyError, match="restore"):
        invariants(opa, folder)


def test_policies_that_do_not_compile_prove_nothing(opa: Opa, edit: Edit, folder: Path) -> None:
    """Rules that do not compile are refused by file and line."""
    edit("directory/gate/gate.rego", "account.passes", "account.passes(")
    with pytest.raises(PolicyError, match=r"gate\.rego:\d+"):
        prove(opa, folder)


def test_every_invariant_says_what_it_answers(opa: Opa) -> None:
    """Each invariant has a title, a description and the requirement that it answers."""
    for each in opa.annotations(POLICIES / "invariants"):
        assert each.metadata["description"]
        if each.scope == "package":
            assert each.metadata["title"]
            assert each.path.endswith("space") or each.metadata["custom"]["requirement"]
