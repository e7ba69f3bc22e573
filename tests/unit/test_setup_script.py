"""scripts/setup, with a Python that installs nothing: what it does, when it does it again, and what it says."""

import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from gateway.settings import ROOT
from tests.commands import run

PYTHON = """#!/bin/sh
# Stands for Python: makes a .venv of itself, notes what it is told to install, and fails as it is told.
case "$*" in
  *version_info*) exit "${TOO_OLD:-0}" ;;
  --version) echo "Python 3.9.1" ;;
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  "-m pip --version") exit 0 ;;
  *"pip install"*) echo "$*" >> installed; exit "${NO_INDEX:-0}" ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    python = tmp_path / "python"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    return tmp_path


def setup(checkout: Path, want: str = "runtime", **more: str) -> CompletedProcess[str]:
    """Set a checkout up."""
    return run(str(checkout / "scripts/setup"), want, more={"PYTHON": str(checkout / "python"), **more}, cwd=checkout)


def installed(checkout: Path) -> list[str]:
    """The requirement files that were installed, in order, since the last look."""
    notes = checkout / "installed"
    lines = notes.read_text("utf-8").splitlines() if notes.exists() else []
    notes.unlink(missing_ok=True)
    return [line.rpartition("-r ")[2] for line in lines if " -r " in line]


def test_everything_is_installed_once(checkout: Path) -> None:
    """The first time it installs what is wanted, by hash; the second time it does nothing and says nothing."""
    assert setup(checkout).returncode == 0
    assert installed(checkout) == ["requirements/runtime.txt", "requirements/assets.txt"]
    done = setup(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert installed(checkout) == []


def test_what_tests_need_is_added(checkout: Path) -> None:
    """For the tests their own requirements come on top of what is there."""
    setup(checkout)
    installed(checkout)
    assert setup(checkout, "dev").returncode == 0
    assert installed(checkout) == ["requirements/dev.txt"]


def test_changed_requirements_are_installed_again(checkout: Path) -> None:
    """After a change of a requirement file, that file is installed again."""
    setup(checkout)
    installed(checkout)
    with (checkout / "requirements/assets.txt").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert setup(checkout).returncode == 0
    assert installed(checkout) == ["requirements/assets.txt"]


@pytest.mark.parametrize("broken", ["gone", "dangling", "empty"])
def test_a_broken_environment_is_made_anew(checkout: Path, broken: str) -> None:
    """A .venv whose Python is gone, leads nowhere or does not run is made anew, and said to be."""
    setup(checkout)
    installed(checkout)
    python = checkout / ".venv/bin/python"
    python.unlink()
    if broken == "dangling":
        python.symlink_to(checkout / "no-such-python")
    elif broken == "empty":
        python.write_text("#!/no/such/interpreter\n", encoding="utf-8")
        python.chmod(0o755)
    done = setup(checkout)
    assert done.returncode == 0, done
    assert done.stderr.startswith("The .venv here is half-made or its Python is gone: making it anew.\n")
    assert installed(checkout) == ["requirements/runtime.txt", "requirements/assets.txt"]


def test_a_failed_installation_is_tried_again(checkout: Path) -> None:
    """Where installing fails it says what to do, and the same command goes on from there."""
    done = setup(checkout, NO_INDEX="1")
    assert done.returncode == 1
    assert "then run the same command again." in done.stderr
    assert setup(checkout).returncode == 0
    assert installed(checkout)[-2:] == ["requirements/runtime.txt", "requirements/assets.txt"]


def test_an_old_python_is_refused(checkout: Path) -> None:
    """With a Python that is too old, or none, it says which is needed and how to name another."""
    done = setup(checkout, TOO_OLD="1")
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.9.1 is too old. Install Python 3.11 or later, or name one: make PYTHON=")
    done = setup(checkout, PYTHON="no-such-python")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no no-such-python. Install Python 3.11 or later")


NPM = """#!/bin/sh
# Stands for npm: notes where it is told what, makes the folder, and fails as it is told.
echo "${PWD##*/} $*" >> "$NOTES"
mkdir -p node_modules
exit "${NO_REGISTRY:-0}"
"""


def kit(checkout: Path) -> dict[str, str]:
    """Give a checkout the lock files of the partner kit, the federation tests and the bench, and something for npm."""
    for folder in ("examples/partner", "tests/federation", "bench/peers"):
        (checkout / folder).mkdir(parents=True)
        shutil.copy(ROOT / folder / "package-lock.json", checkout / folder)
    setup(checkout)
    npm = checkout / ".venv/bin/npm"
    npm.write_text(NPM, encoding="utf-8")
    npm.chmod(0o755)
    installed(checkout)
    return {"NOTES": str(checkout / "npm-notes")}


def test_what_routers_need_is_installed_once(checkout: Path) -> None:
    """For the partner kit come Node and both locked sets of packages; the second time nothing is done."""
    notes = kit(checkout)
    assert setup(checkout, "partner", **notes).returncode == 0
    assert installed(checkout) == ["requirements/partner.txt"]
    assert Path(notes["NOTES"]).read_text("utf-8") == "partner ci --silent\nfederation ci --silent\n"
    assert setup(checkout, "partner", **notes).stderr == ""
    assert Path(notes["NOTES"]).read_text("utf-8").count("\n") == 2


def test_what_the_bench_needs_is_installed(checkout: Path) -> None:
    """For the bench come Node and the locked packages of its peers; a program that is missing is named."""
    notes = kit(checkout)
    tools = checkout / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "cksum", "cut", "rm", "mkdir", "cat", "cp", "ls"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    done = setup(checkout, "bench", **notes, PATH=str(tools))
    assert installed(checkout) == ["requirements/partner.txt", "requirements/bench.txt"]
    assert Path(notes["NOTES"]).read_text("utf-8") == "peers ci --silent\n"
    assert done.returncode == 1
    assert done.stderr.endswith("wrk is missing: install it (on Debian: apt-get install wrk).\n")
    for name in ("wrk", "postgres"):
        (tools / name).symlink_to("/bin/true")
    assert setup(checkout, "bench", **notes, PATH=str(tools)).returncode == 0


def test_packages_that_cannot_be_had_are_told_of(checkout: Path) -> None:
    """Where the registry does not answer it says what to do, and the same command goes on from there."""
    notes = kit(checkout)
    done = setup(checkout, "partner", NO_REGISTRY="1", **notes)
    assert done.returncode == 1
    assert "then run the same command again." in done.stderr
    assert setup(checkout, "partner", **notes).returncode == 0


def test_a_machine_without_node_is_told_of(checkout: Path) -> None:
    """Where no Node came with the requirements it says which Node to install, and where to."""
    setup(checkout)
    done = setup(checkout, "partner")
    assert done.returncode == 1
    assert "Install Node 22 or later" in done.stderr
