"""The commands on the archive, beside a running demonstration that fills it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest

from audit.witness.state import Witness, create_witness
from gateway.cli_retention import first_kept
from gateway.engines.folder import read_engines
from gateway.folder import environment_of
from gateway.issuer import DemoIssuer
from seed.cast import cast_json
from tests.commands import demo, directory, free_port, sentence
from tests.verifier import verify

CHILD = cast_json()["children"]["open-child"]


@dataclass(frozen=True)
class Running:
    """A running demonstration.

    Attributes:
        data: its data folder.
        port: its port.
    """

    data: Path
    port: int

    def audit(self, *arguments: str) -> CompletedProcess[str]:
        """A command of `directory audit` on it."""
        return directory("audit", *arguments, "--data", str(self.data))

    def said(self, *arguments: str) -> str:
        """What a command that must succeed prints."""
        done = self.audit(*arguments)
        assert done.returncode == 0, done
        return done.stdout

    def ask(self, reason: str) -> str:
        """Ask about a child; the receipt, whose entry is archived."""
        headers = {
            "authorization": f"Bearer {DemoIssuer(self.data).issue(cast_json()['accounts']['social-worker'])}",
            "x-access-purpose": "coordinate-services",
            "x-access-reason": reason,
        }
        body = {"query": f'{{ child(id: "{CHILD}") {{ givenName }} }}'}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/graphql", json=body, headers=headers, timeout=30).json()
        assert self.audit("archive", "--once").returncode == 0
        return str(answer["extensions"]["access"]["receipt"])


@pytest.fixture(name="running", scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data, port = tmp_path_factory.mktemp("archive") / "data", free_port()
    with demo(data, port):
        yield Running(data, port)


def test_history_says_who_has_seen_a_child(running: Running) -> None:
    """Who has seen a child's record is told with the reason, and the question itself is in the asker's trail."""
    receipt = running.ask("who sees this")
    shown = running.said("history", "--child", "open-child", "--limit", "1")
    assert receipt.partition(".")[0] in shown
    assert "who sees this" in shown
    (line,) = running.said("history", "--child", CHILD, "--limit", "1", "--json").splitlines()
    found = json.loads(line)
    assert (found["account"], found["sealed"]["reason"]) == (cast_json()["accounts"]["social-worker"], "who sees this")
    assert found["records"][0]["shown"] == ["givenName"]
    assert running.audit("archive", "--once").returncode == 0
    assert f"audit history child {CHILD}" in running.said("history", "--account", "auditor")


def test_history_is_for_those_who_may(running: Running) -> None:
    """Who may not review is refused; so is a question about nothing, and a subject's about an account."""
    assert "PURPOSE_NOT_FOR_ROLE" in sentence(running.audit("history", "--child", CHILD, "--as", "social-worker"))
    assert running.audit("history").returncode == 2
    assert running.audit("history", "--for-subject", "--account", "auditor").returncode == 2
    refused = running.audit("history", "--child", CHILD, "--for-subject", "--as", "social-worker")
    assert "PURPOSE_NOT_FOR_ROLE" in sentence(refused)


def test_a_subject_is_told_less(running: Running) -> None:
    """What a subject is told of today's accesses is nothing yet: neither who, nor when, nor why."""
    running.ask("not yet")
    assert running.said("history", "--child", CHILD, "--for-subject", "--json") == ""
    assert "not yet" not in running.said("history", "--child", CHILD, "--for-subject")


def test_the_archive_verifies_and_a_copy_that_was_changed_does_not(running: Running, tmp_path: Path) -> None:
    """The archive and what waits in the stream are sound; a copy with one byte changed is not, and says where."""
    running.ask("to be verified")
    done = running.audit("verify", "--tail")
    assert done.returncode == 0, done
    assert "Nothing is wrong." in done.stdout
    assert "entries wait in the stream." in done.stdout
    copy = shutil.copytree(running.data / "archive", tmp_path / "copy")
    offline = ("verify", "--archive", str(copy), "--keys", str(running.data / "keys"), "--json")
    assert json.loads(running.said(*offline))["faults"] == []
    broken = next((copy / "records").rglob("*.parquet"))
    content = bytearray(broken.read_bytes())
    content[100] ^= 1
    broken.write_bytes(content)
    done = running.audit(*offline)
    assert done.returncode == 1
    assert broken.name in {fault["place"].rpartition("/")[2] for fault in json.loads(done.stdout)["faults"]}
    assert "it is not what was archived" in running.audit(*offline[:-1]).stdout
    shutil.rmtree(copy)
    assert running.audit(*offline, "--tail").returncode == 1


def test_a_receipt_is_verified_and_proved(running: Running) -> None:
    """A receipt's proof satisfies Go; a receipt that the gateway has not signed, or that is none, is refused."""
    receipt = running.ask("to be proved")
    assert "The receipt is genuine" in running.said("verify", receipt)
    assert json.loads(running.said("verify", receipt, "--json"))["genuine"] is True
    log = (running.data / "keys" / "log.pub").read_text("ascii").strip()
    done = verify("proof", log, given=running.said("prove", receipt).encode())
    assert done.returncode == 0, done.stderr
    forged = receipt[:-10] + ("A" * 10)
    assert "forged or damaged" in running.audit("verify", forged).stderr
    assert "This is not a receipt" in running.audit("prove", "nonsense").stderr


def test_a_witness_may_be_required(running: Running, tmp_path: Path) -> None:
    """A witness that has not signed is missed where it is required; one that is away does not stop the archive."""
    create_witness(tmp_path / "witness", "witness.example")
    key = Witness(tmp_path / "witness", ()).key.text
    done = running.audit("verify", "--witness", key)
    assert done.returncode == 1
    assert "witness.example has signed neither" in done.stdout
    settings = environment_of(running.data, read_engines(running.data))
    settings |= {"DIRECTORY_AUDIT_WITNESSES": f"http://127.0.0.1:1 {key}", "DIRECTORY_POLICIES": "policies"}
    done = directory("audit", "archive", "--once", "--settings", more=settings)
    assert done.returncode == 0, done
    assert "witness.example has not signed" in done.stderr


def test_forgetting_takes_two(running: Running) -> None:
    """A subject is forgotten when a second person says so; then the reason cannot be read, and all is still sound."""
    running.ask("to be forgotten")
    account = cast_json()["accounts"]["social-worker"]
    assert "to be forgotten" in running.said("history", "--account", account, "--limit", "1")
    asked = ("forget", CHILD, "--reason", "a request")
    assert "PURPOSE_NOT_FOR_ROLE" in sentence(running.audit(*asked, "--as", "social-worker"))
    for who, told in (("data-manager", "Proposed"), ("data-manager", "Proposed"), ("duty-manager", "Forgotten: ")):
        done = running.audit(*asked, "--as", who)
        assert done.returncode == 0, done
        assert told in done.stderr
    shown = running.said("history", "--child", CHILD, "--limit", "1")
    assert "its keys were destroyed" in shown
    assert "to be forgotten" not in shown
    assert running.audit("verify").returncode == 0


def test_a_purge_keeps_what_retention_keeps(running: Running) -> None:
    """Nothing younger than retention is purged, and where nothing is that old, nothing is."""
    asked = ("purge", "--as", "auditor", "--reason", "yearly")
    assert "There is nothing that old." in running.audit(*asked).stderr
    assert "keeps 24 years" in sentence(running.audit(*asked, "--before", "2026-01-01"))


def test_retention_knows_leap_years() -> None:
    """The first day that is kept is so many years ago, of 29 February the day before."""
    assert first_kept(24, date(2026, 3, 1)) == date(2002, 3, 1)
    assert first_kept(1, date(2024, 2, 29)) == date(2023, 2, 28)


def test_an_archive_that_nobody_named_is_not_made(running: Running) -> None:
    """Without the settings that say where, nothing is archived and nothing asked, and it says which to set."""
    settings = environment_of(running.data, read_engines(running.data))
    bare = {name: value for name, value in settings.items() if "ARCHIVE" not in name and "KEYSTORE" not in name}
    for asked in (("archive", "--once"), ("history", "--child", CHILD)):
        said = sentence(directory("audit", *asked, "--settings", more=bare))
        assert "Set DIRECTORY_AUDIT_ARCHIVE" in said
