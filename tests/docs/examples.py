"""What pages show: commands and questions, each with the answer that stands below it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from schema.operations import OPERATIONS
from seed.cast import cast_json
from tests.docs.pages import PAGES, Block, parts

USUAL = "coordinate-services"
_AS = re.compile(r"\b[Aa]s `([a-z-]+)`")
_FOR = re.compile(r"\bfor `([a-z-]+)`")
_OPERATION = re.compile(r"\(\.\./schema/operations/(\w+)\.graphql\)")
QUESTIONS = frozenset({"sh", "graphql", "json variables"})
ANSWERS = frozenset({"json", "text"})


@dataclass(frozen=True)
class Example:
    """A command or a question.

    Attributes:
        block: where it is: the command, the query, or what is given to an operation that the text links.
        command: the shell's text; empty for a question.
        query: the query; empty for a command.
        persona: who asks, as the text names them.
        purpose: what for.
        variables: what is given to the query.
        answer: the block with the answer, if one is shown.
    """

    block: Block
    command: str = ""
    query: str = ""
    persona: str = ""
    purpose: str = USUAL
    variables: dict[str, Any] = field(default_factory=dict)
    answer: Block | None = None

    def __str__(self) -> str:
        """Where it is, for people."""
        return str(self.block)


def blocks() -> list[Block]:
    """Every block of every page."""
    return [part for page in PAGES for part in parts(page) if isinstance(part, Block)]


def examples() -> list[Example]:
    """Every command and question of every page."""
    return [example for page in PAGES for example in _paired([p for p in parts(page) if isinstance(p, Block)])]


def _paired(found: list[Block]) -> Iterator[Example]:
    current: Example | None = None
    for block in found:
        begun = _begun(block)
        if begun:
            if current:
                yield current
            current = begun
        if current and block.language == "json variables":
            current = replace(current, variables=json.loads(block.text))
        elif current and block.language in ANSWERS and current.answer is None and not block.note:
            current = replace(current, answer=block)
    if current:
        yield current


def _begun(block: Block) -> Example | None:
    """The example that begins with a block, or with the words above it."""
    if block.language == "sh":
        return Example(block, command=block.text)
    linked = _OPERATION.search(block.above)
    query = block.text if block.language == "graphql" else OPERATIONS[linked[1]] if linked else ""
    if not query:
        return None
    personas = [name for name in _AS.findall(block.above) if name in cast_json()["accounts"]]
    purpose = _FOR.search(block.above)
    return Example(
        block, query=query, persona=personas[-1] if personas else "", purpose=purpose[1] if purpose else USUAL
    )
