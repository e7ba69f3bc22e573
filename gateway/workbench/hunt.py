"""The hunt: each mutant must be noticed by a test of the policies or by an invariant."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from gateway.policy.files import INVARIANTS, PolicyError
from gateway.workbench.mutants import Mutant
from gateway.workbench.opa import Opa
from gateway.workbench.proof import prove

SURVIVORS = "survivors.json"
"""The file beside the invariants that explains each mutant that nothing notices."""
HUNTERS = 2
Killer = Literal["stillborn", "test", "invariant", ""]
"""What notices a mutant: OPA itself, since it does not compile; a test; an invariant; or nothing."""


class SurvivorError(Exception):
    """A mutant survives without an explanation, or is explained and does not; the message lists them."""


@dataclass(frozen=True, slots=True)
class Kill:
    """What became of a mutant."""

    mutant: Mutant
    by: Killer


def hunt(opa: Opa, policies: Path, prey: Sequence[Mutant], progress: Callable[[], object] = lambda: None) -> list[Kill]:
    """Try to notice each mutant, two at a time; in the order in which they are given."""
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(shutil.copytree(policies, Path(folder) / str(number))) for number in range(HUNTERS)]
        lock = Lock()

        def tried(mutant: Mutant) -> Kill:
            with lock:
                copy = copies.pop()
            path = copy / mutant.file
            original = path.read_text("utf-8")
            try:
                path.write_text(mutant.text, encoding="utf-8")
                return Kill(mutant, _killer(opa, copy, mutant))
            finally:
                path.write_text(original, encoding="utf-8")
                with lock:
                    copies.append(copy)
                    progress()

        with ThreadPoolExecutor(HUNTERS) as pool:
            return list(pool.map(tried, prey))


def _killer(opa: Opa, copy: Path, mutant: Mutant) -> Killer:
    """Ask the tests beside the rule first: they are quick, and notice most."""
    near = (
        re.sub(r"/[^/]+$", "", mutant.file).replace("/", r"\.")
        if mutant.file.endswith(".rego")
        else r"directory\.tables"
    )
    command = ["test", "--ignore", INVARIANTS, "--timeout", "1m", "."]
    for only in ([f"--run=^data\\.{near}_test\\."], []):
        done = opa.run([*command, *only], copy)
        if done.returncode == 1:
            return "stillborn"
        if done.returncode:
            return "test"
    with suppress(PolicyError):
        return "invariant" if any(finding.broken for finding in prove(opa, copy)) else ""
    return "invariant"


def score(kills: Sequence[Kill]) -> float:
    """The share of mutants that were noticed, in percent, of those that compile."""
    born = [kill for kill in kills if kill.by != "stillborn"]
    return 100 * sum(bool(kill.by) for kill in born) / len(born) if born else 100.0


def check(kills: Sequence[Kill], policies: Path) -> None:
    """Hold the survivors to the list that explains them.

    Raises:
        SurvivorError: a survivor is not explained, or what is explained was noticed.
    """
    explained: dict[str, str] = json.loads((policies / INVARIANTS / SURVIVORS).read_text("utf-8"))
    unexplained = [kill.mutant for kill in kills if not kill.by and kill.mutant.id not in explained]
    outdated = [kill.mutant for kill in kills if kill.by and kill.mutant.id in explained]
    if unexplained or outdated:
        told = [f"Nothing notices {each.id}" for each in unexplained]
        told += [f"Noticed after all: {each.id}" for each in outdated]
        where = f"policies/{INVARIANTS}/{SURVIVORS}"
        raise SurvivorError("\n".join([*told, f"Write a test or an invariant, or explain it in {where}."]))
