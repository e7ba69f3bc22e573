"""Mutants: small mistakes in rules and tables, each noticed by a test of the policies or by an invariant."""

import json
from pathlib import Path
from random import Random

import pytest

from gateway.workbench.hunt import Kill, SurvivorError, check, hunt, score
from gateway.workbench.mutants import Mutant, mutants
from gateway.workbench.opa import Opa
from tests.conftest import POLICIES

EVERY = list(mutants(POLICIES))
SAMPLE = Random(20_070_727).sample(EVERY, 6)  # noqa: S311 - no secrets


def test_a_mutant_is_one_mistake() -> None:
    """Each mutant differs from its file, and has a name of its own; rules and tables have some."""
    assert len({each.id for each in EVERY}) >= len(EVERY) - 2
    for each in EVERY:
        text = (POLICIES / each.file).read_text("utf-8")
        assert json.loads(each.text) != json.loads(text) if each.file.endswith(".json") else each.text != text
    assert {Path(each.file).suffix for each in EVERY} == {".rego", ".json"}


@pytest.mark.parametrize(
    "change",
    [
        "directory/withhold/shield/shield.rego: _passes(attributes) if not attributes.shielding → always",
        'directory/clearances/data.json: shielding.roles.0 without "management-team"',
        "directory/vetting/data.json: years.enhanced = 4",
        'directory/roles/data.json: auditor.tied with "service-contact"',
        'directory/listings/data.json: Service.involvements = "x"',
        'directory/withhold/protection/protection.rego: attributes.own == "false" → gone',
    ],
)
def test_what_authors_get_wrong_is_among_them(change: str) -> None:
    """Negations, missing conditions, other numbers, and entries too few, too many or wrong are all tried."""
    assert change in {each.id for each in EVERY}


def test_a_sample_is_noticed(opa: Opa) -> None:
    """A few mutants, drawn once for all, are each noticed, and a rule that does not compile is no mutant."""
    broken = Mutant("directory/gate/gate.rego", "nonsense", "package directory.gate\n\nnonsense(\n")
    kills = hunt(opa, POLICIES, [*SAMPLE, broken])
    check(kills, POLICIES)
    assert [kill.by for kill in kills][-1] == "stillborn"
    assert score(kills) == 100


def test_an_invariant_notices_what_no_test_does(opa: Opa, folder: Path) -> None:
    """Where the tests are gone, the invariants still notice."""
    for path in folder.rglob("*_test.rego"):
        if path.parent.name != "fixtures":
            path.unlink()
    (folder / "directory/fixtures/none_test.rego").write_text("package directory.none_test\n\ntest_nothing := true\n")
    (mutant,) = [each for each in EVERY if each.id.startswith("directory/vetting") and each.id.endswith("enhanced = 4")]
    assert [kill.by for kill in hunt(opa, folder, [mutant])] == ["invariant"]


def test_survivors_are_explained(folder: Path) -> None:
    """A survivor without an explanation is told, and so is an explanation of what was noticed after all."""
    lives, dies = (Mutant("directory/a/a.rego", name, "") for name in ("lives", "dies"))
    kills = [Kill(lives, ""), Kill(dies, "test")]
    explained = folder / "invariants" / "survivors.json"
    explained.write_text(json.dumps({lives.id: "why"}))
    check(kills, folder)
    explained.write_text(json.dumps({dies.id: "why"}))
    with pytest.raises(SurvivorError) as caught:
        check(kills, folder)
    assert f"Nothing notices {lives.id}" in str(caught.value)
    assert f"Noticed after all: {dies.id}" in str(caught.value)
    assert score(kills) == 50
    assert score([]) == 100
