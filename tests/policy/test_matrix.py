"""The access matrix: committed as the policies are, and every engine agrees with it."""

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gateway.cli_policy import MATRIX
from gateway.policy.files import PolicyFiles, read_policies
from gateway.policy.rego import RegoDecider
from gateway.workbench.cells import Cells, cells_of, layout_of
from gateway.workbench.grouping import blocks
from gateway.workbench.matrix import Change, MatrixError, cells_in, changes, check, files_of, summary
from gateway.workbench.opa import Opa
from tests.conftest import POLICIES
from tests.policy.conftest import Edit

FILES = read_policies(POLICIES)
LAYOUT = layout_of(FILES)
ENTRYPOINT = "directory.decision.decision"


def asked(policies: PolicyFiles) -> Cells:
    """The cells as the engine in process gives them."""
    return cells_of(policies, RegoDecider(policies).ask)


@pytest.fixture(name="cells", scope="module")
def _cells() -> Cells:
    return asked(FILES)


def test_the_committed_matrix_is_what_the_policies_say(cells: Cells) -> None:
    """A change of policy that changes a cell fails here until the matrix is written anew and committed with it."""
    check(MATRIX, LAYOUT, cells)


def test_the_files_hold_every_cell(cells: Cells) -> None:
    """Read back from the CSV, every cell is there and says the same."""
    assert cells_in(files_of(LAYOUT, cells)["matrix.csv"]) == cells


def test_both_engines_and_the_matrix_agree_on_every_cell(opa: Opa) -> None:
    """For every role, purpose, class, field and standing, OPA, the engine in process and the committed matrix agree."""
    rego, questions, answers = RegoDecider(FILES), [], []

    def recorded(question: Mapping[str, Any]) -> Mapping[str, Any]:
        questions.append(question)
        answers.append(rego.ask(question))
        return answers[-1]

    cells_of(FILES, recorded)
    decided = opa.value(f"[d | some q in input; d := data.{ENTRYPOINT} with input as q]", POLICIES, questions)
    assert decided == answers
    again = iter(decided)
    assert cells_of(FILES, lambda _: next(again)) == cells_in((MATRIX / "matrix.csv").read_text("utf-8"))


def test_a_changed_cell_is_named(cells: Cells, folder: Path, edit: Edit) -> None:
    """Where the policies say something else than the committed matrix, the message names role, field and class."""
    edit("directory/roles/data.json", '"tied": ["address"]', '"tied": []')
    changed = asked(read_policies(folder))
    with pytest.raises(
        MatrixError, match=r"partner-caseworker: Child address: open, searchable → ROLE, of open\|false"
    ):
        check(MATRIX, LAYOUT, changed)
    assert {each.cell.capacity.role for each in changes(cells, changed)} == {"partner-caseworker"}


def test_one_changed_class_is_one_line(cells: Cells) -> None:
    """Cells of a role and field that change alike are told together, with the purposes and the first of the classes."""
    (cell, *_) = [each for each in cells if (each.type, each.field) == ("Child", "address")]
    alike = [Change(each, "ROLE", "open") for each in cells if each.field == "address" and each.type == "Child"]
    told = summary([each for each in alike if each.cell.capacity.role == cell.capacity.role])
    assert len(told) == 1
    assert "ROLE → open" in told[0]
    assert "and 15 more" in told[0]


def test_equal_rows_are_one(cells: Cells) -> None:
    """The matrix is short enough to review, every class is in exactly one row of everybody who is asked about."""
    found = list(blocks(LAYOUT, cells))
    assert sum(len(block.rows) for block in found) < len(cells) / 50
    for block in found:
        domains = LAYOUT.domains[block.type]
        classes = [each for row in block.rows for each in product(*(row.values[name] for name in domains))]
        assert len(classes) == len(set(classes))


def test_an_absent_matrix_is_no_matrix(tmp_path: Path, cells: Cells) -> None:
    """Where nothing is committed the message says how to write it."""
    with pytest.raises(MatrixError, match="directory policy matrix"):
        check(tmp_path, LAYOUT, cells)


def test_the_page_stands_alone(cells: Cells) -> None:
    """The page loads nothing, runs nothing, and says in words what it says in colours."""
    page = files_of(LAYOUT, cells)["matrix.html"]
    assert not re.search(r"(?:src|href)=\"(?!#)|<script|url\(", page)
    assert len(page) < 100_000
    for mark in ("●", "◆", "·", "SHIELDED", "PROTECTED", "SENSITIVE", "UNRELATED", "LISTING", "ROLE"):
        assert f"<span>{mark}</span>" in page
