"""Why a field is open or withheld: the rule with its file and line, and the smallest changes that would turn it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from gateway.policy.files import PolicyError, PolicyFiles
from gateway.workbench.opa import Opa
from resolvers.grants import RESTS_ON

GATE = ""
"""Stands for the field where the whole access is meant."""
_ENTRYPOINT = "data.directory.decision.decision"
_EACH = f"[d | some q in input; d := {_ENTRYPOINT} with input as q]"
_REF = "it"
_ROLES = "directory/roles/data.json"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why.

    Attributes:
        said: "open", "invisible", or the code of the reason or of the refusals.
        rules: the rules that say so, each with file and line.
        changes: smallest sets of changes that would turn it, in words; empty if none that were tried would.
    """

    said: str
    rules: tuple[str, ...]
    changes: tuple[str, ...]


Change = tuple[str, tuple[str, ...], Any]
"""What is changed in words, where, and to what."""


def explain(
    opa: Opa, policies: PolicyFiles, asked: Mapping[str, Any], ref: str, fields: Sequence[str], *, pairs: bool = True
) -> dict[str, Explanation]:
    """Explain what a policy says of fields of one class of records.

    Args:
        opa: the program.
        policies: the policies, from a folder.
        asked: the question without classes.
        ref: the records' type and class key, as "Child:open|true|none"; empty for the whole access.
        fields: the fields; ``GATE`` for the whole access.
        pairs: whether two changes at once are tried where one is not enough.

    Raises:
        PolicyError: there is no such class or field.
    """
    type_name, _, key = ref.partition(":")
    question = {**deepcopy(dict(asked)), "classes": {}}
    if ref:
        known = policies.data["directory"]["vocabulary"]["types"].get(type_name, {}).get("fields", {})
        if key not in policies.classes.get(type_name, {}) or not set(fields) <= set(known):
            raise PolicyError(
                f"The policies know no {ref} with {', '.join(fields)}. See the vocabulary for what they know."
            )
        question["classes"] = {_REF: {"type": type_name, "attributes": dict(policies.classes[type_name][key])}}
    steps = [*_steps(policies, question, type_name)]
    tried: list[tuple[Change, ...]] = [(step,) for step in steps]
    before, *after = opa.value(_EACH, policies.folder, [_with(question, each) for each in ((), *tried)])
    turned = {name: _turned(type_name, name, before, tried, after) for name in fields}
    if pairs and not all(turned.values()):
        tried = [pair for pair in combinations(steps, 2) if pair[0][1] != pair[1][1]]
        after = opa.value(_EACH, policies.folder, [_with(question, pair) for pair in tried])
        turned |= {name: _turned(type_name, name, before, tried, after) for name in fields if not turned[name]}
    rules = _Rules(opa, policies.folder, question)
    return {
        name: Explanation(said, tuple(rules.of(said, name)), tuple(turned[name]))
        for name in fields
        for said in [_said(before, type_name, name)]
    }


def _said(decision: Mapping[str, Any], type_name: str, field: str) -> str:
    if not decision["allowed"]:
        return " ".join(decision["refusals"])
    if field == GATE:
        return "open"
    grant = decision["grants"][_REF]
    source = RESTS_ON.get(type_name, {}).get(field)
    if source and source in grant["withheld"]:
        field = source  # it is read through the other one
    return "open" if field in grant["open"] else str(grant["withheld"].get(field, "invisible"))


def _turned(
    type_name: str,
    field: str,
    before: Mapping[str, Any],
    tried: Iterable[tuple[Change, ...]],
    after: Iterable[Mapping[str, Any]],
) -> list[str]:
    """In words, the changes that turn it from open to anything else, or back."""
    was = _said(before, type_name, field) == "open"
    return [
        " and ".join(change[0] for change in changes)
        for changes, decision in zip(tried, after, strict=True)
        if (_said(decision, type_name, field) == "open") != was
    ]


def _steps(policies: PolicyFiles, question: Mapping[str, Any], type_name: str) -> Iterator[Change]:
    """Every single change of what the decision rests on."""
    for attribute in policies.data["directory"]["vocabulary"]["types"].get(type_name, {}).get("attributes", ()):
        for value in attribute["domain"]:
            if value != question["classes"][_REF]["attributes"][attribute["name"]]:
                yield f"{attribute['name']} {value}", ("classes", _REF, "attributes", attribute["name"]), value
    for purpose in policies.data["directory"]["purposes"]:
        if purpose != question["access"].get("purpose"):
            yield f"the purpose {purpose}", ("access", "purpose"), purpose
    for role in policies.data["directory"]["roles"]:
        if role not in question["account"]["roles"]:
            yield f"the role {role}", ("account", "roles"), [*question["account"]["roles"], role]
    for words, path, value in (
        ("the account in force", ("account", "suspended"), False),
        ("training today", ("account", "trained_on"), question["today"]),
        ("vetting today", ("account", "vetted_on"), question["today"]),
        ("the agreement signed", ("account", "agreement_signed_on"), question["today"]),
        ("the organisation accredited", ("account", "organisation", "accredited"), True),
        ("access not closed", ("account", "organisation", "closed"), False),
        ("a reason given", ("access", "reason_given"), True),
    ):
        yield words, path, value


def _with(question: Mapping[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    changed = deepcopy(dict(question))
    for _, (*parents, last), value in changes:
        place = changed
        for parent in parents:
            place = place[parent]
        place[last] = value
    return changed


class _Rules:
    """The rules that say something of one question, in words, with file and line.

    Args:
        opa: the program.
        folder: the policy folder.
        question: the question.
    """

    def __init__(self, opa: Opa, folder: Path, question: Mapping[str, Any]) -> None:
        self._folder, self._question = folder, question
        self._packages = [each for each in opa.annotations(folder / "directory") if each.scope == "package"]
        self._passed = opa.evaluate(_ENTRYPOINT, folder, question, "--coverage")["coverage"]["files"]

    def of(self, said: str, field: str) -> Iterator[str]:
        """Those whose package has the code, at the last of their heads that OPA went through; or what opens it."""
        if said == "open":
            yield from self._openers(field)
        for package in self._packages:
            if package.metadata.get("custom", {}).get("code") in said.split():
                file = f"directory/{package.file}"
                lines = self._passed.get(file, {}).get("covered", [])
                text = (self._folder / file).read_text("utf-8").splitlines()
                passed = [row for each in lines for row in range(each["start"]["row"], each["end"]["row"] + 1)]
                heads = [row for row in passed if re.match(r"(withheld|refusals)\b", text[row - 1])]
                row = heads[-1] if heads else package.row
                yield f"{package.metadata['title']}: {package.metadata['description'].strip()} (policies/{file}:{row})"

    def _openers(self, field: str) -> Iterator[str]:
        """What opens a field: its data class in the table of each role that has it."""
        if not self._question["classes"]:
            return
        types = json.loads((self._folder / "directory/vocabulary/data.json").read_text("utf-8"))["types"]
        data_class = types[self._question["classes"][_REF]["type"]]["fields"][field]
        text = (self._folder / _ROLES).read_text("utf-8")
        for role in self._question["account"]["roles"]:
            table = json.loads(text).get(role, {})
            if data_class in (*table.get("always", ()), *table.get("tied", ())):
                row = _row(text.splitlines(), role, data_class)
                yield f"{role} opens {data_class}, and no rule withholds it (policies/{_ROLES}{row})"


def _row(lines: Sequence[str], role: str, data_class: str) -> str:
    """Where a role's table names a data class, as ":12"; empty where the table is written on one line."""
    begins = next((i for i, line in enumerate(lines) if line.strip().startswith(f'"{role}":')), len(lines))
    return next((f":{i + 1}" for i in range(begins, len(lines)) if f'"{data_class}"' in lines[i]), "")
