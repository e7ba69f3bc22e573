"""Dependencies: locked by hash, and audited only if each of them was asked about."""

import re
import shutil
from pathlib import Path

import pytest

from gateway.settings import ROOT
from tests.commands import run

SETS = ("runtime", "assets", "dev", "audit", "partner", "bench")
_LOCKED = re.compile(r"[a-z0-9][a-z0-9.-]*==\S+(?: ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+")
AUDITOR = """#!/bin/sh
# Stands for pip-audit: notes what it is asked, and finds what it is told to.
echo "$*" >> asked
exit "${FOUND:-0}"
"""


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    auditor = tmp_path / ".venv" / "bin" / "pip-audit"
    auditor.parent.mkdir(parents=True)
    auditor.write_text(AUDITOR, encoding="utf-8")
    auditor.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("name", SETS)
def test_every_package_is_locked_by_hash(name: str) -> None:
    """Each line of a requirement file names one version of one package with its SHA-256, and nothing else."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    entries = [entry for entry in re.split(r"\n(?! )", lines.strip()) if not entry.startswith("#")]
    assert entries
    assert [entry for entry in entries if not _LOCKED.fullmatch(entry)] == []


def test_every_set_is_locked_and_audited() -> None:
    """There is no set of requirements but those that are locked here, installed by hash and audited."""
    assert {path.stem for path in (ROOT / "requirements").iterdir()} == set(SETS)
    assert "--require-hashes" in (ROOT / "scripts/setup").read_text("utf-8")


def test_the_audit_asks_about_every_package(checkout: Path) -> None:
    """The audit passes only if each set was asked about strictly, so that a package that is not known fails it."""
    done = run(str(checkout / "scripts/audit"), cwd=checkout)
    assert done.returncode == 0, done
    asked = (checkout / "asked").read_text("utf-8").splitlines()
    assert [re.findall(r"-r requirements/(\w+)\.txt", line) for line in asked] == [[name] for name in SETS]
    assert all("--strict" in line.split() and "--require-hashes" in line.split() for line in asked)


def test_an_audit_that_could_not_be_made_fails(checkout: Path) -> None:
    """Where a weakness is found or nobody could be asked, the audit fails and says so, having asked about the rest."""
    done = run(str(checkout / "scripts/audit"), cwd=checkout, more={"FOUND": "1"})
    assert done.returncode == 1
    assert "NOTHING WAS AUDITED" in done.stderr
    assert "none has a known weakness" not in done.stdout
    assert len((checkout / "asked").read_text("utf-8").splitlines()) == len(SETS)
