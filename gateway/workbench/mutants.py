"""Mutants: the policies with one small mistake each, as an author could make it in a rule or in a table."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TOKENS: Sequence[tuple[str, str]] = (
    (r" == ", " != "),
    (r" != ", " == "),
    (r" <= ", " < "),
    (r" < ", " <= "),
    (r" > ", " >= "),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"\bevery\b", "some"),
    (r"\bnot ", ""),
)
_TEXTS = frozenset({"title", "name", "phone", "outOfHoursPhone"})
"""Keys of tables whose values are words for people."""
Place = tuple[Any, ...]
"""Where a value is in a document."""
_GONE = object()
ELSEWHERE = frozenset({"contacts", "limits", "releases", "representations", "subjects"})
"""Tables that no rule reads: allowances, telephone numbers, what a child is told, and the reasons for each release."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file of the policies, with one mistake.

    Attributes:
        file: its path in the policy folder.
        change: what is different, in words that stay the same when lines move.
        text: the whole file with the mistake.
    """

    file: str
    change: str
    text: str

    @property
    def id(self) -> str:
        """Its name in the list of survivors."""
        return f"{self.file}: {self.change}"


def mutants(policies: Path) -> Iterator[Mutant]:
    """Every mutant of the rules and tables of a policy folder."""
    for path in sorted((policies / "directory").rglob("*")):
        name = path.relative_to(policies).as_posix()
        if path.suffix == ".rego" and not path.stem.endswith("_test"):
            yield from _of_rules(name, path.read_text("utf-8"))
        elif path.name == "data.json" and path.parent.name not in ELSEWHERE:
            yield from _of_table(name, json.loads(path.read_text("utf-8")))


def _of_rules(name: str, text: str) -> Iterator[Mutant]:
    lines = text.splitlines(keepends=True)
    seen: dict[str, int] = {}

    def changed(number: int, new: str, said: str) -> Mutant:
        change = f"{lines[number].strip()} → {said}"
        seen[change] = seen.get(change, 0) + 1
        if seen[change] > 1:
            change = f"{change} ({seen[change]})"
        return Mutant(name, change, "".join([*lines[:number], new, *lines[number + 1 :]]))

    for number, line in enumerate(lines):
        if not re.match(r"#|package|import|\s*$", line):
            for new, said in (*_swapped(line), *_shorter(line), *_negated(line)):
                yield changed(number, new, said)
        if re.match(r"\w", line):
            end = next(i for i in range(number, len(lines)) if i + 1 == len(lines) or not lines[i + 1].strip())
            yield Mutant(name, f"{line.strip()} → no such rule", "".join(lines[:number] + lines[end + 1 :]))


def _swapped(line: str) -> Iterator[tuple[str, str]]:
    """A comparison, a word or a number for another."""
    for pattern, new in _TOKENS:
        for found in re.finditer(pattern, line):
            mutated = line[: found.start()] + new + line[found.end() :]
            yield mutated, mutated.strip()


def _shorter(line: str) -> Iterator[tuple[str, str]]:
    """A list without one of its elements, a condition that is gone."""
    for listed in re.finditer(r'[{\[]("[\w-]+")(?:, "[\w-]+")+[}\]]', line):
        for element in re.findall(r'"[\w-]+"', listed[0]):
            fewer = re.sub(rf"{element}, |, {element}", "", listed[0])
            yield line.replace(listed[0], fewer), f"without {element}"
    if _is_condition(line) and not line.startswith("\tsome "):
        yield "", "gone"
    if always := re.search(r" if (.+[^{])$", line.rstrip("\n")):
        yield line[: always.start()] + " if true\n", "always"


def _negated(line: str) -> Iterator[tuple[str, str]]:
    """A condition that holds when it should not."""
    if _is_condition(line) and not re.match(r"\t(some|not|every|\w+ :=)", line):
        yield f"\tnot {line[1:]}", f"not {line.strip()}"
    only = re.search(r" if (?!not |some |every )(.+[^{])$", line.rstrip("\n"))
    if only:
        yield line[: only.start(1)] + f"not {only[1]}\n", f"if not {only[1]}"


def _is_condition(line: str) -> bool:
    return bool(re.match(r"\t[^\s}\])].*[^{\[(,]$", line.rstrip("\n")))


def _of_table(name: str, document: dict[str, Any]) -> Iterator[Mutant]:
    known = sorted({value for _, values in _lists(document, ()) for value in values if isinstance(value, str)})

    def edited(path: Place, value: object, said: str) -> Mutant:
        copy = json.loads(json.dumps(document))
        place = copy
        for part in path[:-1]:
            place = place[part]
        if value is _GONE:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        written = json.dumps(copy, indent=2, ensure_ascii=False) + "\n"
        return Mutant(name, f"{'.'.join(map(str, path))} {said}", written)

    for path, value in _leaves(document, ()):
        if path[-1] in _TEXTS and isinstance(value, str):
            continue
        yield edited(path, _GONE, f"without {json.dumps(value)}")
        for other in _others(path, value):
            yield edited(path, other, f"= {json.dumps(other)}")
    for path, values in _lists(document, ()):
        more = [value for value in known if value not in values]
        if more and all(isinstance(value, str) for value in values):
            for value in dict.fromkeys((more[0], more[-1])):
                yield edited(path, [*values, value], f"with {json.dumps(value)}")


def _others(path: Place, value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    return ["x"] if value is not None and not isinstance(path[-1], int) else []


def _leaves(value: Any, path: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    elif isinstance(value, list):
        for i, below in enumerate(value):
            yield from _leaves(below, (*path, i))
    else:
        yield path, value


def _lists(value: Any, path: Place) -> Iterator[tuple[Place, list[Any]]]:
    if isinstance(value, list):
        yield path, value
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _lists(below, (*path, key))
