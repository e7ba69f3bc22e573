"""Proof by exhaustion: every invariant is asked of the whole decision space."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.policy.files import INVARIANTS, PolicyError
from gateway.workbench.opa import Annotated, Opa


class ProofError(Exception):
    """An invariant is broken; the message names it and a smallest cell in which it is."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A statement about every decision.

    Attributes:
        name: its package's last name.
        title: what it says.
        place: its file and line.
    """

    name: str
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of an invariant.

    Attributes:
        invariant: which.
        broken: in how many cells it is broken.
        smallest: a smallest of these.
    """

    invariant: Invariant
    broken: int
    smallest: Mapping[str, Any] | None

    def __str__(self) -> str:
        """In words."""
        if self.smallest is None:
            return f"{self.invariant.name}: holds"
        told = f"{self.invariant.title} ({self.invariant.place})"
        return f"{self.invariant.name} is broken in {self.broken} cells: {told}\n  such as {in_words(self.smallest)}"


def invariants(opa: Opa, policies: Path) -> list[Invariant]:
    """The invariants beside a policy's rules.

    Raises:
        PolicyError: there are none, or they do not parse.
    """
    folder = policies / INVARIANTS
    if not folder.is_dir():
        raise PolicyError(f"There are no invariants in {folder}. Without them nothing is proved: restore them.")
    annotated = opa.annotations(folder)
    packages = {each.path: each for each in annotated if each.scope == "package"}
    judged = sorted(each.path.rpartition(".")[0] for each in annotated if each.path.endswith(".broken"))
    return [_invariant(packages[path]) for path in judged]


def _invariant(package: Annotated) -> Invariant:
    name = package.path.rpartition(".")[2]
    return Invariant(name, str(package.metadata["title"]), f"policies/{INVARIANTS}/{package.file}:{package.row}")


def prove(opa: Opa, policies: Path, judged_by: Path | None = None) -> list[Finding]:
    """Ask every invariant of a policy.

    Args:
        opa: the program.
        policies: the policy folder.
        judged_by: the policy folder whose invariants judge; its own if None.

    Raises:
        PolicyError: the policies do not compile, or there are no invariants.
    """
    known = invariants(opa, judged_by or policies)
    query = ", ".join(f'"{each.name}": data.{INVARIANTS}.{each.name}.broken' for each in known)
    broken = opa.value(f"{{{query}}}", policies)
    return [Finding(each, len(broken[each.name]), smallest(broken[each.name])) for each in known]


def check(findings: list[Finding]) -> None:
    """Make sure that every invariant holds.

    Raises:
        ProofError: one does not.
    """
    told = [str(finding) for finding in findings if finding.broken]
    if told:
        raise ProofError("\n".join([*told, "Mend the rule, or change the invariant and say in its description why."]))


def smallest(cells: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The cell that is shortest to tell; None where there is none."""
    return min(cells, key=lambda cell: (len(json.dumps(cell)), json.dumps(cell, sort_keys=True)), default=None)


def in_words(cell: Mapping[str, Any]) -> str:
    """A cell as a person reads it: who, for what, of which class, which field."""
    attributes = cell.get("attributes")
    told = [str(cell[name]) for name in ("role",) if name in cell]
    told += [f"for {cell['purpose']}"] if "purpose" in cell else []
    told += [f"{cell['type']} {_plain(attributes)}"] if isinstance(attributes, Mapping) else []
    told += [str(cell["field"])] if "field" in cell else []
    shown = {"role", "purpose", "type", "attributes", "field"}
    return ", ".join([*told, *(f"{name} {json.dumps(value)}" for name, value in cell.items() if name not in shown)])


def _plain(attributes: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in attributes.items()) or "any"
