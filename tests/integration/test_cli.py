"""The command line against engines that run already: seeding, serving with several workers, and what goes wrong."""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.engines.embedded import embedded_engines
from gateway.folder import environment_of
from gateway.settings import ROOT
from seed.cast import cast_json
from tests.commands import DIRECTORY, answers, directory, free_port, processes, run, sentence, terminal
from tests.evidence import keys_folder

NOBODY = {
    "DIRECTORY_GRAPH_URI": "bolt://127.0.0.1:1",
    "DIRECTORY_GRAPH_PASSWORD": "word",
    "DIRECTORY_STREAM_URL": "redis://127.0.0.1:1/0",
    "DIRECTORY_POLICY": "embedded",
    "DIRECTORY_ISSUER": "https://issuer.example",
    "DIRECTORY_AUDIT_KEYS": str(keys_folder()),
    "DIRECTORY_JWKS": "https://issuer.example/keys",
    "DIRECTORY_UNSIGNED_POLICIES": "true",
}
"""Settings that make sense, of engines that do not answer."""
CHILD = f'{{ child(id: "{cast_json()["children"]["twin-a"]}") {{ givenName }} }}'
MAKE = "Make keys with: directory audit keys /nowhere --name YOURS."


@dataclass(frozen=True)
class Engines:
    """Seeded engines on a data folder.

    Attributes:
        data: the folder.
        settings: the environment of a gateway on them.
    """

    data: Path
    settings: dict[str, str]


@pytest.fixture(name="seeded", scope="module")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    data = tmp_path_factory.mktemp("cli")
    with embedded_engines(data) as engines:
        settings = environment_of(data, engines)
        done = directory("seed", "--children", "100", "--settings", more=settings)
        assert done.returncode == 0, done
        yield Engines(data, settings)


def ask(port: int, token: str, query: str = CHILD) -> httpx.Response:
    """Ask one question."""
    headers = {"authorization": f"Bearer {token}", "x-access-purpose": "safeguarding", "x-access-reason": "a test"}
    return httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}, headers=headers, timeout=30)


def workers(serving: int) -> set[int]:
    """The worker processes of a server."""
    return {pid for pid, parent in processes("spawn_main").items() if parent == serving}


def test_several_workers_serve_and_are_replaced(seeded: Engines) -> None:
    """A gateway of two workers answers, answers still when one is killed, and has two again."""
    port = free_port()
    settings = {**seeded.settings, "DIRECTORY_PORT": str(port), "DIRECTORY_WARM": "false", "DIRECTORY_METRICS": "true"}
    token = directory("token", "--as", "school-nurse", "--data", str(seeded.data)).stdout.strip()
    with terminal(DIRECTORY, "serve", "--workers", "2", more=settings) as serving:
        while not (answers(port) and len(workers(serving.process.pid)) == 2):
            assert serving.process.poll() is None, serving.said
        before = workers(serving.process.pid)
        assert ask(port, token).json()["data"] == {"child": {"givenName": "Evie"}}
        os.kill(min(before), signal.SIGKILL)
        assert ask(port, token).status_code == 200
        while len(after := workers(serving.process.pid)) != 2 or after == before:
            assert ask(port, token, "{ __typename }").status_code == 200  # it uses up no allowance
        assert len(after & before) == 1
        (before_it,) = {counted(port) for _ in range(8)}  # by whichever worker answers
        assert ask(port, token).status_code == 200
        assert {counted(port) for _ in range(8)} == {tuple(each + 1 for each in before_it)}
        serving.process.terminate()
        serving.end()
    assert "Traceback" not in serving.said
    assert workers(serving.process.pid) == set()


def counted(port: int) -> tuple[float, ...]:
    """How many entries all workers have had confirmed, and how many decisions, reads and statements they have made."""
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    entries = re.findall(r"^directory_audit_entries_total (\S+)$", shown, re.MULTILINE)
    decisions = re.findall(r'^directory_decisions_total\{source="(?:memory|policy)"\} (\S+)$', shown, re.MULTILINE)
    (reads,) = re.findall(r"^directory_graph_reads_total (\S+)$", shown, re.MULTILINE)
    (statements,) = re.findall(r"^directory_graph_statements_total (\S+)$", shown, re.MULTILINE)
    return float(entries[0]), sum(map(float, decisions)), float(reads), float(statements)


def test_a_busy_port_is_said(seeded: Engines) -> None:
    """On a port in use a gateway says so before it does anything."""
    said = sentence(directory("serve", more={**seeded.settings, "DIRECTORY_PORT": busy(seeded)}))
    assert said == f"Port {busy(seeded)} is in use by another program. Set DIRECTORY_PORT to another."


def busy(seeded: Engines) -> str:
    """A port in use: the stream's."""
    port: str = re.findall(r":(\d+)/", seeded.settings["DIRECTORY_STREAM_URL"])[0]
    return port


def test_a_graph_is_seeded_once(seeded: Engines) -> None:
    """A graph that holds children is not seeded over."""
    assert "already holds children" in sentence(directory("seed", "--data", str(seeded.data)))


def test_settings_for_a_shell(seeded: Engines) -> None:
    """What `stack env` prints runs a gateway's commands when a shell evaluates it."""
    script = (
        f'eval "$({DIRECTORY} stack env --data {seeded.data})" && {DIRECTORY} audit tail --settings --last 1 --json'
    )
    done = run("/bin/sh", "-euc", script)
    assert done.returncode == 0, done


def test_an_operator_is_decided_about_and_recorded(seeded: Engines) -> None:
    """Who may not review the audit stream sees nothing of it, and that they tried is in it."""
    said = sentence(directory("audit", "tail", "--as", "social-worker", "--data", str(seeded.data)))
    assert said.endswith("(PURPOSE_NOT_FOR_ROLE)")
    shown = directory("audit", "tail", "--last", "1", "--reason", "who looked", "--data", str(seeded.data)).stdout
    assert "refused PURPOSE_NOT_FOR_ROLE" in shown
    assert cast_json()["accounts"]["social-worker"] in shown


def test_an_unknown_operator_is_told_so(seeded: Engines) -> None:
    """A name that is nobody's, and an account that the directory does not know, read nothing."""
    for operator, why in (("nobody", "directory cast says"), (str(UUID(int=0)), "The directory has no such account.")):
        assert why in sentence(directory("audit", "tail", "--as", operator, "--data", str(seeded.data)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "The audit stream does not answer. Start Redis, or correct DIRECTORY_STREAM_URL."),
        (
            {"DIRECTORY_COLOUR": "blue"},
            "There is no setting DIRECTORY_COLOUR. See docs/settings.md for those there are.",
        ),
        (
            {"DIRECTORY_OPA_URL": "http://127.0.0.1:1"},
            "DIRECTORY_OPA_URL contradicts DIRECTORY_POLICY=embedded: remove one of them.",
        ),
        (
            {"DIRECTORY_AUDIT_KEYS": "/nowhere"},
            f"/nowhere/signing.key cannot be read: No such file or directory. {MAKE}",
        ),
        (
            {"DIRECTORY_POLICIES": "/nowhere"},
            "There are no policies in /nowhere. Set DIRECTORY_POLICIES to the policy folder.",
        ),
    ],
)
def test_a_gateway_that_cannot_start_says_why(wrong: dict[str, str], said: str) -> None:
    """With settings or engines that do not do, it ends with a sentence and the exit code 1."""
    assert sentence(directory("serve", more={**NOBODY, **wrong})) == said


def test_a_missing_graph_is_said(seeded: Engines) -> None:
    """Where the graph alone does not answer, serving and seeding say so."""
    settings = {**seeded.settings, "DIRECTORY_GRAPH_URI": "bolt://127.0.0.1:1"}
    for command in (("serve",), ("seed", "--settings")):
        assert sentence(directory(*command, more=settings)).startswith("The graph does not answer")


def test_a_stack_that_is_down_is_said(tmp_path: Path) -> None:
    """The status of a stack that is down lists each engine as stopped, and makes no folder."""
    done = directory("stack", "status", "--data", str(tmp_path / "data"))
    assert done.returncode == 0, done
    assert [line.split("│")[1:3] for line in done.stdout.splitlines() if "stopped" in line] == [
        [f" {name:6} ", " stopped "] for name in ("graph", "stream", "policy")
    ]
    assert not (tmp_path / "data").exists()


def test_the_schema_is_printed_as_committed() -> None:
    """What is printed is what is committed, so that the printing command updates the file."""
    assert directory("schema", "print").stdout == (ROOT / "schema" / "directory.graphql").read_text("utf-8")


@pytest.mark.parametrize("command", ["demo", "serve", "seed", "token", "cast", "stack", "audit", "schema"])
def test_every_command_explains_itself(command: str) -> None:
    """Help tells what each command does."""
    helped = CliRunner().invoke(app, [command, "--help"])
    assert helped.exit_code == 0
    assert f"Usage: root {command}" in helped.stdout


def test_a_token_for_nobody_is_not_issued() -> None:
    """A persona that is not in the cast is named in a sentence, with where to look."""
    assert "directory cast" in sentence(directory("token", "--as", "social-wroker"))
