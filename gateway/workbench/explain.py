"""Why a field is open or withheld: the rule with its file and line, and the smallest change that would turn it."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from gateway.policy.files import PolicyError, PolicyFiles
from gateway.workbench.opa import Opa

_ENTRYPOINT = "data.directory.decision.decision"
_REF = "it"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why.

    Attributes:
        said: "open", "invisible", or the code of the reason or of the refusals.
        rules: the rules that say so, each with file and line.
        changes: smallest sets of changes that would turn it, in words; empty if no two changes would.
    """

    said: str
    rules: tuple[str, ...]
    changes: tuple[str, ...]


Change = tuple[str, tuple[str, ...], Any]
"""What is changed in words, where, and to what."""


def explain(opa: Opa, policies: PolicyFiles, asked: Mapping[str, Any], ref: str, field: str) -> Explanation:
    """Explain what a policy says of one field.

    Args:
        opa: the program.
        policies: the policies, from a folder.
        asked: the question without classes.
        ref: the record's type and class key, as "Child:open|true|none".
        field: the field.

    Raises:
        PolicyError: there is no such class or field.
    """
    type_name, _, key = ref.partition(":")
    fields = policies.data["directory"]["vocabulary"]["types"].get(type_name, {}).get("fields", {})
    if key not in policies.classes.get(type_name, {}) or field not in fields:
        raise PolicyError(
            f"The policies know no field {field} of {type_name}:{key}. See the vocabulary for those known."
        )
    attributes = dict(policies.classes[type_name][key])
    question = {**deepcopy(dict(asked)), "classes": {_REF: {"type": type_name, "attributes": attributes}}}
    query = f"[d | some q in input; d := {_ENTRYPOINT} with input as q]"
    steps = list(_steps(policies, question, type_name))
    tried: list[tuple[Change, ...]] = [(), *((step,) for step in steps)]
    said = [
        _said(decision, field)
        for decision in opa.value(query, policies.folder, [_with(question, each) for each in tried])
    ]
    turned = [each for each, other in zip(tried, said, strict=True) if _turns(said[0], other)]
    if not turned:
        pairs = [pair for pair in combinations(steps, 2) if pair[0][1] != pair[1][1]]
        others = opa.value(query, policies.folder, [_with(question, pair) for pair in pairs])
        turned = [pair for pair, each in zip(pairs, others, strict=True) if _turns(said[0], _said(each, field))]
    changes = tuple(" and ".join(change[0] for change in each) for each in turned)
    return Explanation(said[0], tuple(_rules(opa, policies.folder, question, said[0], field)), changes)


def _said(decision: Mapping[str, Any], field: str) -> str:
    if not decision["allowed"]:
        return " ".join(decision["refusals"])
    grant = decision["grants"][_REF]
    return "open" if field in grant["open"] else str(grant["withheld"].get(field, "invisible"))


def _turns(before: str, after: str) -> bool:
    return (before == "open") != (after == "open")


def _steps(policies: PolicyFiles, question: Mapping[str, Any], type_name: str) -> Iterator[Change]:
    """Every single change of what the decision rests on."""
    for attribute in policies.data["directory"]["vocabulary"]["types"][type_name]["attributes"]:
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


def _rules(opa: Opa, folder: Path, question: Mapping[str, Any], said: str, field: str) -> Iterator[str]:
    """The rules that say it: those whose package has the code, at the first of their lines that OPA went through."""
    if said == "open":
        yield from _openers(folder, question, field)
        return
    packages = [each for each in opa.annotations(folder / "directory") if each.scope == "package"]
    answer = opa.evaluate(_ENTRYPOINT, folder, question, "--coverage")
    for package in packages:
        if package.metadata.get("custom", {}).get("code") in said.split():
            file = f"directory/{package.file}"
            lines = answer["coverage"]["files"].get(file, {}).get("covered", [])
            text = (folder / file).read_text("utf-8").splitlines()
            passed = [row for each in lines for row in range(each["start"]["row"], each["end"]["row"] + 1)]
            heads = [row for row in passed if re.match(r"(withheld|refusals)\b", text[row - 1])]
            row = heads[-1] if heads else package.row
            yield f"{package.metadata['title']}: {package.metadata['description'].strip()} (policies/{file}:{row})"


def _openers(folder: Path, question: Mapping[str, Any], field: str) -> Iterator[str]:
    """What opens a field: its data class in the table of each role that has it."""
    vocabulary = json.loads((folder / "directory/vocabulary/data.json").read_text("utf-8"))
    data_class = vocabulary["types"][question["classes"][_REF]["type"]]["fields"][field]
    path = folder / "directory" / "roles" / "data.json"
    lines = path.read_text("utf-8").splitlines()
    for role in question["account"]["roles"]:
        begins = next((i for i, line in enumerate(lines) if line.strip().startswith(f'"{role}":')), None)
        if begins is not None:
            row = next((i for i in range(begins, len(lines)) if f'"{data_class}"' in lines[i]), None)
            if row is not None:
                place = f"policies/directory/roles/data.json:{row + 1}"
                yield f"{role} opens {data_class}, and no rule withholds it ({place})"
