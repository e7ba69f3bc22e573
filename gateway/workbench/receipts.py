"""A recorded access explained: each person's gate, and each field of each class of record that was met."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.policy.files import PolicyError, PolicyFiles
from gateway.policy.judge import SHOWN
from gateway.workbench.explain import GATE, Explanation, explain
from gateway.workbench.opa import Opa
from resolvers.mediation import seen_by


@dataclass(frozen=True, slots=True)
class Explained:
    """What is said of one field to one person.

    Attributes:
        who: "asker", or "other" for the person asked for.
        path: the fields from the root to the records; empty for the whole access.
        ref: the records' type and class, as that person meets them.
        field: the field; empty for the whole access.
        recorded: "shown", or the code of the reason or refusals.
        why: the explanation.
    """

    who: str
    path: str
    ref: str
    field: str
    recorded: str
    why: Explanation


def receipt_explained(opa: Opa, policies: PolicyFiles, entry: Mapping[str, Any]) -> Iterator[Explained]:
    """Explain a recorded access by the policies that decided it.

    Args:
        opa: the program.
        policies: the policies of its revision.
        entry: the decoded entry.

    Raises:
        PolicyError: policy was not asked about it.
    """
    asked = entry.get("question")
    if not isinstance(asked, Mapping):
        codes = " ".join(entry["codes"]) or "no code"
        raise PolicyError(f"Policy was not asked about this access ({codes}): docs/errors.md says what the code means.")
    alone = {name: value for name, value in asked.items() if name != "other"}
    people = {"asker": alone, **({"other": {**alone, "account": asked["other"]}} if "other" in asked else {})}
    with _in_folder(policies) as known:
        if entry["outcome"] != "answered":
            for who, question in people.items():
                why = explain(opa, known, question, "", [GATE], pairs=False)[GATE]
                yield Explained(who, "", "", GATE, " ".join(entry["codes"]), why)
        for record in entry["records"]:
            recorded = {**dict.fromkeys(record["shown"], SHOWN), **record["withheld"]}
            for who, question in people.items():
                ref = f"{record['type']}:{seen_by(list(people).index(who), record['class'])}"
                found = explain(opa, known, question, ref, [*recorded], pairs=False)
                for field, why in found.items():
                    yield Explained(who, record["path"], ref, field, recorded[field], why)


@contextmanager
def _in_folder(policies: PolicyFiles) -> Iterator[PolicyFiles]:
    """Policies in a folder, where OPA can read them; those of a bundle are written out, each table on one line."""
    if policies.folder.is_dir():
        yield policies
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in policies.modules.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        for table, content in policies.data["directory"].items():
            (folder / "directory" / table).mkdir(parents=True, exist_ok=True)
            (folder / "directory" / table / "data.json").write_text(json.dumps(content), encoding="utf-8")
        yield replace(policies, folder=folder)
