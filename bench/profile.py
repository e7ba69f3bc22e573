"""Where an answer's time goes in the gateway: py-spy looks at a worker many times a second, under load."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bench.model import BenchError, Target
from bench.processes import family
from gateway.settings import ROOT

_PLANS = ("document", "cost", "selections", "plan", "draft", "tree")
STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("graph driver", ("/neo4j/",)),
    ("statement and its parameters", ("graph/", "resolvers/read.py", "resolvers/grants.py")),
    ("allowances", ("gateway/meter.py", "gateway/counts.py")),
    ("record", ("audit/", "resolvers/disclose.py")),
    ("policy", ("gateway/policy/", "resolvers/decide.py")),
    ("plan", (*(f"resolvers/{name}.py" for name in _PLANS), "/graphql/")),
    ("answer", ("resolvers/answer.py", "resolvers/form.py", "resolvers/rows.py", "gateway/http/respond.py")),
    ("who asks", ("gateway/identity.py", "gateway/jwks/", "/jwt/", "resolvers/accounts.py")),
    ("pipeline", ("resolvers/",)),
    ("server", ("gateway/http/", "gateway/app.py", "gateway/connection.py", "/uvicorn/", "/starlette/")),
)
"""Each stage with the files that belong to it; a moment belongs to the innermost frame that is in one of them."""
_REST = "event loop"
_RATE = 250
_SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")


def stage_of(stack: str) -> str:
    """The stage of one stack, as py-spy writes it: frames from the outermost inwards, between semicolons."""
    for frame in reversed(stack.split(";")):
        file = frame.partition(" (")[2].removeprefix(f"{ROOT}/")
        for name, places in STAGES:
            if any(place in file if place[0] == "/" else file.startswith(place) for place in places):
                return name
    return _REST


def shares(lines: Iterable[str]) -> dict[str, float]:
    """The share of each stage in stacks with their counts, largest first."""
    counted: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        counted[stage_of(stack)] += int(count)
    return {name: count / counted.total() for name, count in counted.most_common()}


def py_spy() -> str:
    """The program.

    Raises:
        BenchError: it is missing, or Linux does not let it look at other processes.
    """
    program = shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if program is None:
        raise BenchError("py-spy is missing. Run: scripts/setup bench")
    if os.geteuid() != 0 and _SCOPE.exists() and _SCOPE.read_text("ascii").strip() != "0":
        raise BenchError("py-spy may not look at a worker. Run: sudo sysctl kernel.yama.ptrace_scope=0")
    return program


def profile(target: Target, *, clients: int, seconds: float) -> dict[str, float]:
    """The shares of the stages in one worker's time while a target is loaded.

    Raises:
        BenchError: py-spy is missing, or may not look.
    """
    program = py_spy()
    busiest = max(family(target.parts["gateway"]))  # workers start after what starts them
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "stacks")
        words = ["record", "--pid", str(busiest), "--format", "raw", "--full-filenames", "--gil", "--rate", str(_RATE)]
        words += ["--output", str(out), "--duration", str(round(seconds))]
        command, quiet = [program, *words], subprocess.DEVNULL
        with subprocess.Popen(command, stdout=quiet, stderr=subprocess.PIPE, text=True) as looking:  # noqa: S603
            target.load(clients, seconds + 2)
            _, said = looking.communicate()
        if looking.returncode != 0:
            raise BenchError(f"py-spy ended with {looking.returncode}: {said.strip()[-600:]}")
        return shares(out.read_text("utf-8").splitlines())
