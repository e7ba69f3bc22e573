"""Open Policy Agent as a tool: evaluate, test, inspect and parse a policy folder."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.policy.files import PolicyError
from gateway.stack.tools import Progress, ensure_tool


@dataclass(frozen=True, slots=True)
class Annotated:
    """A package or rule with its metadata.

    Attributes:
        path: its path, dotted, without "data.".
        file: its file, as OPA was given it.
        row: where its metadata end and it begins.
        scope: "package", "rule" or "document".
        metadata: title, description and the rest.
    """

    path: str
    file: str
    row: int
    scope: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opa:
    """The pinned program.

    Attributes:
        program: where it is.
    """

    program: Path

    def evaluate(self, query: str, folder: Path, asked: Any = None, *more: str) -> dict[str, Any]:
        """Evaluate a query against a policy folder; returns OPA's whole answer.

        Raises:
            PolicyError: the policies do not compile, or contradict each other.
        """
        options = ["--format", "json", "--data", ".", *more, *(["--stdin-input"] if asked is not None else [])]
        done = self.run(["eval", *options, query], folder, json.dumps(asked) if asked is not None else None)
        answer: dict[str, Any] = _decoded(done.stdout)
        if done.returncode or "errors" in answer:
            raise PolicyError(f"The policies in {folder} cannot be evaluated: {_said(answer, done.stderr)}")
        return answer

    def value(self, query: str, folder: Path, asked: Any = None) -> Any:
        """The value of an expression.

        Raises:
            PolicyError: it has none, or the policies do not compile.
        """
        result = self.evaluate(query, folder, asked).get("result")
        if not result:
            raise PolicyError(f"The policies in {folder} have no value for {query}.")
        return result[0]["expressions"][0]["value"]

    def annotations(self, folder: Path) -> list[Annotated]:
        """The metadata of every package and rule below a folder without a manifest.

        Raises:
            PolicyError: a module does not parse.
        """
        done = self.run(["inspect", "--annotations", "--format", "json", "."], folder)
        if done.returncode:
            raise PolicyError(f"The policies in {folder} cannot be read: {done.stderr.strip()}")
        return [
            Annotated(
                ".".join(str(part["value"]) for part in each["path"][1:]),
                each["location"]["file"],
                each["location"]["row"],
                each["annotations"]["scope"],
                each["annotations"],
            )
            for each in _decoded(done.stdout)["annotations"]
        ]

    def run(self, command: Sequence[str], folder: Path, given: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a command of the program in a folder, so that tables find their place by their path."""
        return subprocess.run(  # noqa: S603 - the pinned program and our own words
            [str(self.program), *command], cwd=folder, input=given, capture_output=True, text=True, check=False
        )


def pinned_opa(progress: Progress) -> Opa:
    """The pinned version of Open Policy Agent.

    Raises:
        EngineError: it cannot be had.
    """
    return Opa(ensure_tool("opa", progress))


def _decoded(text: str) -> dict[str, Any]:
    try:
        decoded: dict[str, Any] = json.loads(text)
    except ValueError:
        return {}
    return decoded


def _said(answer: Mapping[str, Any], errors: str) -> str:
    told = [
        f"{each.get('location', {}).get('file', '')}:{each.get('location', {}).get('row', '')} {each['message']}"
        for each in answer.get("errors", [])
    ]
    return "; ".join(told) or errors.strip()
