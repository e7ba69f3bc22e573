"""The policy folder: its revision, its Rego modules and its data documents."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from audit.subject import SubjectRules
from resolvers.grants import Classes, classes_of
from resolvers.model import SearchRules

Kinds = Mapping[str, Mapping[str, str]]
"""For each record type, the data class of each field."""
INVARIANTS = "invariants"
"""The folder beside the rules that holds what must be true of every decision."""


class PolicyError(Exception):
    """The policies cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """What the policy folder holds, read once.

    Attributes:
        folder: the folder, with a ``.manifest`` in it.
        revision: a digest of every rule and table: equal files have equal revisions on every engine.
        modules: Rego source by path, without tests.
        data: the data documents, nested by folder as OPA nests them.
    """

    folder: Path
    revision: str
    modules: Mapping[str, str]
    data: Mapping[str, Any]

    @property
    def classes(self) -> Classes:
        """Every class of every record type in the vocabulary."""
        return classes_of(self.data["directory"]["vocabulary"])

    @property
    def kinds(self) -> Kinds:
        """For each record type, the data class of each field."""
        types = self.data["directory"]["vocabulary"]["types"]
        return {name: described["fields"] for name, described in types.items()}

    @property
    def contacts(self) -> Mapping[str, Mapping[str, Any]]:
        """Whom to call about what is withheld."""
        contacts: Mapping[str, Mapping[str, Any]] = self.data["directory"]["contacts"]
        return contacts

    @property
    def search(self) -> SearchRules:
        """The rules of searching."""
        rules = self.data["directory"]["search"]
        return SearchRules(tuple(frozenset(fields) for fields in rules["combinations"]), rules["candidates"])

    @property
    def representations(self) -> int:
        """How many representations a router may bring in one operation."""
        most: int = self.data["directory"]["representations"]["most"]
        return most

    @property
    def subjects(self) -> SubjectRules:
        """What subjects are told of who saw their record."""
        rules = self.data["directory"]["subjects"]
        return SubjectRules(timedelta(days=rules["delay_days"]), frozenset(rules["untold"]), self.kinds)

    @property
    def allowances(self) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """How much accounts and clients may use in a time."""
        allowances: Mapping[str, Mapping[str, Mapping[str, int]]] = self.data["directory"]["limits"]
        return allowances


def read_policies(folder: Path) -> PolicyFiles:
    """Read a policy folder.

    Raises:
        PolicyError: there is no policy in the folder, or a data document is not JSON.
    """
    digest = hashlib.sha256()
    modules: dict[str, str] = {}
    data: dict[str, Any] = {}
    for path in _files(folder):
        name, text = path.relative_to(folder).as_posix(), path.read_text("utf-8")
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
        if path.suffix == ".rego":
            modules[name] = text
        else:
            _nest(data, path.relative_to(folder).parent.parts, _document(name, text))
    if not modules:
        raise PolicyError(f"There are no policies in {folder}. Set DIRECTORY_POLICIES to the policy folder.")
    return PolicyFiles(folder, digest.hexdigest()[:16], modules, data)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).parts[0] == INVARIANTS:
            continue  # they judge the policy and are no part of it
        if path.name == "data.json" or (path.suffix == ".rego" and not path.stem.endswith("_test")):
            yield path


def _document(name: str, text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise PolicyError(f"The policy table {name} is not JSON: {error}. Mend it.") from None
    if not isinstance(document, dict):
        raise PolicyError(f"The policy table {name} is no JSON object. Mend it.")
    return document


def _nest(data: dict[str, Any], parts: tuple[str, ...], document: Mapping[str, Any]) -> None:
    for part in parts:
        data = data.setdefault(part, {})
    data.update(document)
