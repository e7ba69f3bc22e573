"""The rules in process: the same decision each time, and none where they give none."""

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from gateway.policy.files import PolicyError, PolicyFiles, read_policies
from gateway.policy.rego import RegoDecider
from gateway.settings import ROOT
from resolvers.decide import Decisions, question
from resolvers.model import Access
from resolvers.refusals import Refusal
from tests.conftest import POLICIES
from tests.fakes import account


def policy(rule: str) -> RegoDecider:
    """A decider with one rule."""
    modules = MappingProxyType({"decision.rego": f"package directory.decision\n\n{rule}\n"})
    return RegoDecider(PolicyFiles(Path(), "r1", modules, MappingProxyType({})))


async def test_a_decision_is_the_entrypoints() -> None:
    """The decision is the value of the one entrypoint for the question, under the revision that was loaded."""
    decider = policy('default decision := {}\n\ndecision := {"allowed": input.ask}')
    for ask in (True, False):
        verdict = await decider.decide({"ask": ask})
        assert (verdict.decision, verdict.revision) == ({"allowed": ask}, "r1")
    assert await decider.revision() == "r1"


@pytest.mark.parametrize(
    "rule",
    [
        "decision := {} if not input.a",
        "decision := true if input.a\n\ndecision := {} if not input.a",
        "decision := [1] if input.a\n\ndecision := {} if not input.a",
        'decision := "allowed" if input.a\n\ndecision := {} if not input.a',
        "decision := null if input.a\n\ndecision := {} if not input.a",
        'decision := {"x": 1 / 0} if input.a\n\ndecision := {} if not input.a',
        'decision := {"x": 1} if input.a\n\ndecision := {"x": 2} if input.a\n\ndecision := {} if not input.a',
    ],
)
async def test_rules_without_one_decision_decide_nothing(rule: str, caplog: pytest.LogCaptureFixture) -> None:
    """Where rules are undefined, conflict, fail or give anything but an object, nothing can be decided."""
    with pytest.raises(Refusal) as caught:
        await policy(rule).decide({"a": True, "name": "Ada"})
    assert caught.value.codes == ("POLICY_UNAVAILABLE",)
    assert "Ada" not in caplog.text


@pytest.mark.parametrize(
    "rule", ["decision := {", "nonsense", "decision := x", "decision := foo.bar(1)", "other := {}"]
)
def test_broken_rules_do_not_start(rule: str) -> None:
    """Rules that do not compile, or give no decision to anybody, are refused at the start with what to run."""
    with pytest.raises(PolicyError, match="opa check"):
        policy(rule)


@dataclass(frozen=True)
class Slow:
    """An interpreter that lets other threads run between taking a question and answering it."""

    rego: Any

    def set_input(self, question: Any) -> None:
        """Take a question."""
        self.rego.set_input(question)
        time.sleep(0.002)

    def query_bundle_entrypoint(self, bundle: Any, name: str) -> Any:
        """Answer it."""
        return self.rego.query_bundle_entrypoint(bundle, name)


async def test_questions_at_once_do_not_mix() -> None:
    """Many questions asked at once each get their own decision, though an interpreter holds one at a time."""
    decider = policy('default decision := {}\n\ndecision := {"n": input.n}')
    decider._rego = Slow(decider._rego)
    verdicts = await asyncio.gather(*(decider.decide({"n": number}) for number in range(30)))
    assert [verdict.decision for verdict in verdicts] == [{"n": number} for number in range(30)]


async def test_the_directorys_own_rules_decide() -> None:
    """The policies of the directory let a social worker in and open an unshielded child's name to her."""
    files = read_policies(POLICIES)
    access = Access("coordinate-services", "a meeting")
    asked = question(account("a"), access, "2026-03-02")
    grants = await Decisions(RegoDecider(files), files.classes).decide(asked, access)
    assert "givenName" in grants.of("Child", "open|true|none").open
    assert "address" not in grants.of("Child", "shielded|true|none").open
    assert grants.revision == files.revision


_LOADED = """
import asyncio, sys
from pathlib import Path
from gateway.services import services
from tests.unit.test_app import nowhere

async def loaded(**given):
    async with services(nowhere(audit_archive=Path("archive"), **given)):
        return [name for name in ("regopy", "duckdb") if name in sys.modules]

print(asyncio.run(loaded(policy="opa", opa_url="http://127.0.0.1:1")), asyncio.run(loaded()))
"""


def test_rego_is_loaded_where_it_decides_and_duckdb_nowhere() -> None:
    """A gateway that asks OPA does not load rego-cpp, one that decides in process does, and neither loads DuckDB."""
    words = [sys.executable, "-c", _LOADED]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert done.stdout.strip() == "[] ['regopy']"
