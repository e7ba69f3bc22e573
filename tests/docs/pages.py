"""Pages as what they promise: blocks of code with the words above them, links and headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.commands import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: where it stands.
        line: its first line, from 1.
        language: what it is, as in "sh" or "json variables".
        text: what is in it.
        note: what the HTML comment right above it says; empty if there is none.
        above: the paragraphs between it and the block or heading before it.
    """

    page: Path
    line: int
    language: str
    text: str
    note: str
    above: str

    def __str__(self) -> str:
        """Where it is, for people."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Heading:
    """A heading, below which a new subject begins."""

    anchor: str


def parts(page: Path) -> Iterator[Block | Heading]:
    """The blocks and headings of a page in order."""
    tokens = MarkdownIt().enable("table").parse(page.read_text("utf-8"))
    note, above = "", list[str]()
    for before, token in zip([None, *tokens], tokens, strict=False):
        comment = _COMMENT.match(token.content) if token.type == "html_block" else None
        if before and before.type == "heading_open":
            yield Heading(_anchor(token.content))
        if token.type == "fence":
            line = token.map[0] + 1 if token.map else 0
            yield Block(page, line, token.info.strip(), token.content, note, "\n".join(above))
        if token.type == "fence" or (before and before.type == "heading_open"):
            above = []
        elif token.type == "inline":
            above.append(token.content)
        note = comment[1] if comment else ""


def links(page: Path) -> Iterator[str]:
    """Where the links and images of a page lead."""
    for token in _all(MarkdownIt().enable("table").parse(page.read_text("utf-8"))):
        if target := token.attrGet("href" if token.type == "link_open" else "src"):
            yield str(target)


def table(page: Path, first: str) -> list[list[str]]:
    """The rows of the one table on a page whose first column has this title."""
    lines = page.read_text("utf-8").splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.startswith(f"| {first} |")]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def _anchor(title: str) -> str:
    """A heading's anchor, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
