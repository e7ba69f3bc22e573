"""Nothing in the policies is left out and nothing is left over."""

import re
from pathlib import Path

import pytest

from gateway.cli_policy import MATRIX
from gateway.policy.files import read_policies
from gateway.workbench.cells import ACCESS, layout_of
from gateway.workbench.matrix import cells_in
from gateway.workbench.mutants import ELSEWHERE
from gateway.workbench.opa import Opa
from schema.catalogue import CATALOGUE
from tests.conftest import POLICIES

FILES = read_policies(POLICIES)
LAYOUT = layout_of(FILES)
TYPES = FILES.data["directory"]["vocabulary"]["types"]
ENTRYPOINT = "data.directory.decision.decision"


@pytest.fixture(name="needed", scope="module")
def _needed(opa: Opa) -> dict[str, set[str]]:
    """The rules and the tables that the decision depends on, as OPA finds them."""
    command = ["deps", "--data", "directory", "--ignore", "*_test.rego", "--format", "json", ENTRYPOINT]
    done = opa.run(command, POLICIES)
    assert done.returncode == 0, done.stderr
    found = opa.value("json.unmarshal(input)", POLICIES, done.stdout)
    return {kind: {".".join(str(part["value"]) for part in path) for path in found[kind]} for kind in found}


def rules(path: Path) -> set[str]:
    """The full names of the rules of a module."""
    text = path.read_text("utf-8")
    package = re.findall(r"^package (\S+)", text, re.MULTILINE)[0]
    names = re.findall(r"^(?:default )?(\w+)", text, re.MULTILINE)
    return {f"data.{package}.{name}" for name in names if name not in {"package", "import"}}


def test_no_rule_is_dead(needed: dict[str, set[str]]) -> None:
    """The decision depends on every rule of every module."""
    modules = [path for path in (POLICIES / "directory").rglob("*.rego") if not path.stem.endswith("_test")]
    assert set().union(*map(rules, modules)) - needed["virtual"] == set()


def test_no_table_is_unused(needed: dict[str, set[str]]) -> None:
    """Each table is read by a rule that the decision depends on, or is one of those that are read elsewhere."""
    read = {path.split(".")[2] for path in needed["base"] if path.startswith("data.directory.")}
    tables = {path.parent.name for path in (POLICIES / "directory").rglob("data.json")}
    assert tables - read == ELSEWHERE


def test_no_value_of_the_vocabulary_is_unused() -> None:
    """Each value of each attribute makes a difference to somebody: another value in its place shows something else."""
    cells = cells_in((MATRIX / "matrix.csv").read_text("utf-8"))
    capacities = {cell.capacity for cell in cells}
    said: dict[tuple[str, str], list[tuple[str | None, ...]]] = {}
    by_place = {(cell.capacity, cell.type, cell.key, cell.field): state for cell, state in cells.items()}
    for type_name, described in TYPES.items():
        for key in FILES.classes[type_name]:
            said[type_name, key] = [
                tuple(by_place.get((who, type_name, key, field)) for field in described["fields"])
                for who in sorted(capacities)
            ]
    for type_name, described in TYPES.items():
        for position, attribute in enumerate(described["attributes"]):
            for value in attribute["domain"]:
                keys = [key for key in FILES.classes[type_name] if key.split("|")[position] == value]
                others = [
                    "|".join([*key.split("|")[:position], other, *key.split("|")[position + 1 :]])
                    for key in keys
                    for other in attribute["domain"]
                    if other != value
                ]
                seen = [said[type_name, key] for key in keys for other in attribute["domain"] if other != value]
                assert any(mine != said[type_name, other] for mine, other in zip(seen, others, strict=True)), (
                    f"{type_name}.{attribute['name']}={value} makes no difference"
                )


def test_every_field_has_cells() -> None:
    """Each field of each record type of the schema is in the matrix, for all who are let in, with its data class."""
    cells = cells_in((MATRIX / "matrix.csv").read_text("utf-8"))
    let_in = {cell.capacity for cell in cells if cell.type != ACCESS}
    assert let_in
    found = {(cell.capacity, cell.type, cell.field) for cell in cells if cell.type != ACCESS}
    assert found == {(who, name, field) for who in let_in for name, it in CATALOGUE.items() for field in it.fields}
    assert all(LAYOUT.fields[name][field] for name, it in CATALOGUE.items() for field in it.fields)


def test_every_package_answers_a_requirement(opa: Opa) -> None:
    """Each package of rules has a title and the requirement that it answers, and each public rule a description."""
    annotated = opa.annotations(POLICIES / "directory")
    modules = [path for path in (POLICIES / "directory").rglob("*.rego") if not path.stem.endswith("_test")]
    packages = {each.path for each in annotated if each.scope == "package"}
    assert packages == {".".join(path.parent.relative_to(POLICIES).parts) for path in modules}
    for each in annotated:
        assert each.metadata["description"], each
        if each.scope == "package":
            assert each.metadata["title"], each
            assert each.metadata["custom"]["requirement"], each


def test_every_code_has_a_sentence_and_every_reason_a_rule(opa: Opa) -> None:
    """The code that each rule gives is its package's own, and each reason of the table is some rule's."""
    codes = {
        each.metadata["custom"]["code"]: each.path
        for each in opa.annotations(POLICIES / "directory")
        if each.scope == "package" and "code" in each.metadata["custom"]
    }
    reasons = {entry["code"] for entry in FILES.data["directory"]["reasons"]["order"]}
    assert {code for code, path in codes.items() if ".withhold." in path} == reasons
    for code, path in codes.items():
        text = (POLICIES / path.replace(".", "/") / f"{path.rpartition('.')[2]}.rego").read_text("utf-8")
        assert f'"{code}"' in text
