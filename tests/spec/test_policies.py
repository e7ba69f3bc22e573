"""The gates of the policies that need the pinned tools: pure built-ins, tests and coverage."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from gateway.engines.model import EngineError
from gateway.settings import ROOT
from gateway.stack.tools import ensure_tool

POLICIES = ROOT / "policies"


@pytest.fixture(name="opa", scope="module")
def _opa() -> Path:
    return _tool("opa")


def _tool(name: str) -> Path:
    try:
        return ensure_tool(name, print)  # type: ignore[arg-type]
    except EngineError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NOT CHECKED, the policies' gates need {name}: {error}")


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_clock_in_a_rule_is_refused(opa: Path, tmp_path: Path) -> None:
    """A rule that reads the clock does not compile under the policies' capabilities."""
    rule = tmp_path / "clock.rego"
    rule.write_text("package clock\n\nnow := time.now_ns()\n", encoding="utf-8")
    command: list[str | Path] = [opa, "check", "--capabilities", POLICIES / "capabilities.json", rule]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0  # noqa: S603


def test_the_policies_tests_pass_and_reach_every_line(opa: Path) -> None:
    """Every policy test passes, and together they cover every line of every rule."""
    report = json.loads(
        _run(
            opa, "test", "--coverage", "--timeout", "5m", "--fail-on-empty", "--ignore", "invariants", ".", cwd=POLICIES
        )
    )
    uncovered = {name: file["not_covered"] for name, file in report["files"].items() if file.get("not_covered")}
    assert uncovered == {}
    assert report["coverage"] == 100
