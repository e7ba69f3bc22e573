"""The workbench's commands, as a person or a program runs them."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli_policy import MATRIX, app
from gateway.workbench.opa import Opa
from gateway.workbench.proof import ProofError
from tests.policy.conftest import Edit

RUNNER = CliRunner()


def test_the_matrix_is_written_and_its_changes_are_said(folder: Path, edit: Edit, tmp_path: Path) -> None:
    """Writing the matrix of changed policies says which cells change, and checking it again is content."""
    out = Path(shutil.copytree(MATRIX, tmp_path / "matrix"))
    edit("directory/ties/data.json", '"organisation", ', "")
    done = RUNNER.invoke(app, ["matrix", "--policies", str(folder), "--out", str(out)])
    assert "partner-caseworker: Child address: open, searchable → UNRELATED, of open|false|organisation" in done.stdout
    assert RUNNER.invoke(app, ["matrix", "--policies", str(folder), "--out", str(out), "--check"]).exit_code == 0
    assert RUNNER.invoke(app, ["matrix", "--out", str(out), "--check"]).exit_code == 1


@pytest.mark.usefixtures("opa")
def test_proving_says_what_holds() -> None:
    """Proving the policies lists every invariant by its title."""
    done = RUNNER.invoke(app, ["prove"])
    assert done.exit_code == 0
    assert "qualification: Nobody gains by losing a qualification" in done.stderr


def test_proving_tells_programs_the_cell(opa: Opa, folder: Path, edit: Edit) -> None:
    """A program gets each broken invariant with the number of cells and a smallest one, and an exit code."""
    assert opa.program.exists()
    edit("directory/listings/data.json", '"caseload": "own"', '"caseload": "all"')
    done = RUNNER.invoke(app, ["prove", "--policies", str(folder), "--json"])
    assert isinstance(done.exception, ProofError)
    found = {name: told for name, told in json.loads(done.stdout).items() if told["broken"]}
    assert found.keys() == {"listings"}
    assert found["listings"]["smallest"]["field"] == "caseload"
