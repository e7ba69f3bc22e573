"""The demonstration as a newcomer meets it: started in a terminal, asked as it suggests, stopped, killed, revived."""

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from audit.chain import read_receipt
from gateway.engines.folder import locked, open_folder
from seed.cast import CAST
from tests.commands import (
    CTRL_C,
    DIRECTORY,
    UP,
    Terminal,
    demo,
    directory,
    free_port,
    processes,
    run,
    sentence,
    terminal,
)


@dataclass(frozen=True)
class Demo:
    """A running demonstration.

    Attributes:
        data: its data folder.
        port: its port.
        said: what it has said.
    """

    data: Path
    port: int
    said: str

    def command(self, *arguments: str) -> str:
        """What a command on its data folder prints."""
        done = directory(*arguments, "--data", str(self.data))
        assert done.returncode == 0, done
        return done.stdout


@pytest.fixture(name="running", scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data, port = tmp_path_factory.mktemp("demo") / "a data folder", free_port()
    with demo(data, port) as newcomer:
        yield Demo(data, port, newcomer.said)


def pasted(said: str) -> httpx.Response:
    """The answer to the command that a demonstration suggests, pasted into another terminal."""
    command = re.search(r"^curl .*?$(?=\n\n)", said, re.MULTILINE | re.DOTALL)
    assert command, said
    done = run("/bin/sh", "-c", f"{command[0]} -w '\n%{{http_code}}'")
    assert done.returncode == 0, done
    body, _, status = done.stdout.rpartition("\n")
    return httpx.Response(int(status), text=body)


def test_the_suggested_command_answers(running: Demo) -> None:
    """What it prints works as pasted, and says who else is working with the child."""
    answer = pasted(running.said)
    assert answer.status_code == 200, answer.text
    child = answer.json()["data"]["child"]
    assert child["givenName"] == "Nia"
    assert "Rosalind Achebe" in [each["practitioner"]["name"] for each in child["involvements"]]


def test_it_says_where_it_is(running: Demo) -> None:
    """The address that it prints serves the console, and nothing else is said to be there."""
    address = re.search(r"http://127\.0\.0\.1:\d+/(?=\s)", running.said)
    assert address
    assert address[0] == f"http://127.0.0.1:{running.port}/"
    page = httpx.get(address[0])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_the_access_just_made_is_on_record(running: Demo) -> None:
    """The latest entry of the audit stream is the access whose receipt the answer carried, field by field."""
    receipt = read_receipt(pasted(running.said).json()["extensions"]["access"]["receipt"]).id
    (line,) = running.command("audit", "tail", "--last", "1", "--json").splitlines()
    assert json.loads(line)["receipt"] == receipt
    shown = running.command("audit", "tail", "--last", "2")  # the one in between is of the look before
    assert receipt in shown
    assert "team around the child meeting" in shown
    assert re.search(r"child\.involvements\.service.*Service.*phone.*shown", shown)


@pytest.mark.parametrize("asked", ["auditor", CAST.accounts[0].id])
def test_a_token_lets_an_account_ask(asked: str, running: Demo) -> None:
    """A token by a persona's name or by an account's identifier signs that account in."""
    headers = {
        "authorization": f"Bearer {running.command('token', '--as', asked).strip()}",
        "x-access-purpose": "audit-review" if asked == "auditor" else "coordinate-services",
        "x-access-reason": "a look at myself",
    }
    answer = httpx.post(f"http://127.0.0.1:{running.port}/graphql", json={"query": "{me{id}}"}, headers=headers)
    assert answer.json()["data"]["me"]["id"] == {each.name: each.id for each in CAST.accounts}.get(asked, asked)


def test_the_cast_is_listed() -> None:
    """For people, everybody in the cast is listed with a story and an identifier."""
    shown = directory("cast").stdout
    for each in (*CAST.accounts, *CAST.children):
        assert each.name in shown
        assert each.id in shown


def test_the_cast_is_listed_for_programs() -> None:
    """For programs, the cast is two objects, from names to identifiers, and nothing else."""
    shown = json.loads(directory("cast", "--json").stdout)
    assert shown == {
        "accounts": {each.name: each.id for each in CAST.accounts},
        "children": {each.name: each.id for each in CAST.children},
    }


def test_a_busy_port_is_said(running: Demo, tmp_path: Path) -> None:
    """On a port in use it says so, suggests another, and starts nothing."""
    said = sentence(directory("demo", "--port", str(running.port), "--data", str(tmp_path / "data")))
    assert said == (
        f"Port {running.port} is in use by another program. Choose another: directory demo --port {running.port + 1}."
    )
    assert not (tmp_path / "data").exists()


def test_a_data_folder_in_use_is_said(running: Demo) -> None:
    """On a data folder in use it says so and what to do, and leaves the first demonstration as it is."""
    said = sentence(directory("demo", "--port", str(free_port()), "--data", str(running.data)))
    assert "already run for another process" in said
    assert "choose another data folder." in said
    assert pasted(running.said).status_code == 200


def test_a_data_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Where the data folder cannot be made it names it and says why."""
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    said = sentence(directory("demo", "--port", str(free_port()), "--data", str(data)))
    assert f"The data folder {data} cannot be used: Not a directory." in said


@pytest.mark.parametrize("wrong", [("--port", "65536"), ("--children", "1")])
def test_a_wrong_option_is_said(wrong: tuple[str, str]) -> None:
    """An option that makes no sense is named, without a traceback."""
    done = directory("demo", *wrong)
    assert done.returncode == 2
    assert wrong[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_commands_say_that_nothing_runs(tmp_path: Path) -> None:
    """Where no demonstration runs, what needs one says so."""
    for command in (("audit", "tail"), ("seed",), ("stack", "env")):
        said = sentence(directory(*command, "--data", str(tmp_path)))
        assert said == f"No engines run on {tmp_path}. Start them first, or name their data folder."


def test_it_survives_whatever_ends_it(running: Demo, tmp_path: Path) -> None:
    """Beside the first, a second can be interrupted, killed while it seeds and while it serves, and loses no record."""
    words = (DIRECTORY, "demo", "--port", str(free_port()), "--children", "200", "--data", str(tmp_path))
    with terminal(*words) as interrupted:
        interrupted.until("Starting")
        interrupted.type(CTRL_C)
        assert interrupted.end() == 130
    assert left(interrupted, tmp_path) == {}

    with terminal(*words) as seeding:
        seeding.until("Seeding children")
        seeding.process.kill()
    assert UP not in seeding.said

    with terminal(*words) as killed:
        assert "Seeding children" in killed.until(UP)
        receipt = read_receipt(pasted(killed.said).json()["extensions"]["access"]["receipt"]).id
        killed.process.kill()

    with terminal(*words) as stopped:
        assert "Seeding children" not in stopped.until(UP)
        assert pasted(stopped.said).json()["data"]["child"]["givenName"] == "Nia"
        assert receipt in directory("audit", "tail", "--last", "3", "--data", str(tmp_path)).stdout
        assert pasted(running.said).status_code == 200
        stopped.type(CTRL_C)
        assert stopped.end() == 0
    assert "Stopping …" in stopped.said
    assert left(stopped, tmp_path) == {}


def test_a_terminated_demonstration_leaves_nothing_behind(tmp_path: Path) -> None:
    """Told to stop by a program rather than a person, it takes its engines with it."""
    with terminal(DIRECTORY, "demo", "--port", str(free_port()), "--data", str(tmp_path)) as terminated:
        terminated.until("Seeding children")
        terminated.process.terminate()
        assert terminated.end() in {-signal.SIGTERM, 128 + signal.SIGTERM}
    assert left(terminated, tmp_path) == {}


def left(ended: Terminal, data: Path) -> dict[int, int]:
    """The processes that a demonstration left behind once its engines' keeper has let go of the data folder."""
    assert "Traceback" not in ended.said
    with locked(open_folder(data, "embedded")):
        return processes(f"{data}/")
