"""Tidy policies: one command fetches the programs, formats, compiles and lints, and editors use the same programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli_policy_past import app
from gateway.policy.files import PolicyError
from gateway.settings import ROOT
from gateway.stack.tools import TOOLS
from gateway.workbench.tidy import tidy
from tests.conftest import POLICIES
from tests.policy.conftest import Edit

pytestmark = pytest.mark.usefixtures("opa")
GATE = "directory/gate/gate.rego"


def test_the_policies_are_tidy() -> None:
    """The policies are formatted, compile strictly and pass the linter, and the command says where editors look."""
    done = CliRunner().invoke(app, ["tidy", "--check"])
    assert done.exit_code == 0, done.exception
    assert done.stdout == ""
    assert str(TOOLS / "bin") in done.stderr


def test_what_is_not_formatted_is_written_or_refused(folder: Path, edit: Edit) -> None:
    """A file that is not formatted is named; the check writes nothing, and the command itself mends it."""
    text = (folder / GATE).read_text("utf-8")
    edit(GATE, " := ", "   :=   ")
    with pytest.raises(PolicyError, match=r"not formatted: .*gate\.rego"):
        tidy(folder, print, write=False)
    assert CliRunner().invoke(app, ["tidy", "--policies", str(folder)]).stdout == f"formatted {folder / GATE}\n"
    assert (folder / GATE).read_text("utf-8") == text


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("package directory.gate\n\nimport data.directory.unused\n", "unused"),
        ("package directory.gate\n\nnow := time.now_ns()\n", "time.now_ns"),
        ("package directory.gate\n\nbare := true\n", "metadata"),
    ],
)
def test_what_the_programs_find_is_said(folder: Path, new: str, said: str) -> None:
    """What does not compile strictly, calls what it may not, or does not pass the linter is said in its own words."""
    (folder / GATE).write_text(new, encoding="utf-8")
    with pytest.raises(PolicyError, match=said):
        tidy(folder, print, write=True)


def test_editors_use_the_pinned_programs() -> None:
    """What is checked in for editors names the folder that the command fetches to, and the policies as the root."""
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text("utf-8"))
    for tool in ("opa", "regal"):
        path = settings[f"opa.dependency_paths.{tool}"].replace("${workspaceFolder}", str(ROOT))
        assert Path(path) == TOOLS / "bin" / tool
        assert Path(path).exists()
    assert [Path(each.replace("${workspaceFolder}", str(ROOT))) for each in settings["opa.roots"]] == [POLICIES]
    recommended = json.loads((ROOT / ".vscode" / "extensions.json").read_text("utf-8"))["recommendations"]
    assert settings["[rego]"]["editor.defaultFormatter"] in recommended
