"""The access matrix as files that people review: Markdown, CSV and a page, and the way back from the CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.workbench.cells import INVISIBLE, OPEN, SEARCHABLE, Cell, Cells, Layout
from gateway.workbench.grouping import Block, Row, blocks
from gateway.workbench.page import page
from gateway.workbench.space import Capacity

MARKS: Mapping[str, str] = {OPEN: "●", SEARCHABLE: "◆", INVISIBLE: "·"}
"""How the states look that are not a reason's code."""
_HEADER = ("type", "roles", "purposes", "class", "data class", "fields", "access")
_INTRODUCTION = """# The access matrix

Who sees what, asked of the policies themselves: do not edit this page.
After a change of the policies, `directory policy matrix` writes it anew, and what differs here is what the change does.
The same is in [matrix.csv](matrix.csv) for programs, and in [matrix.html](matrix.html) with colours.

● shown, ◆ shown and searchable, · the record is like one that does not exist; else the code of the reason why not.
A row stands for every class of record that has one of its values; "any" is every value there is.
With several roles a person sees what each of them sees; for a purpose that none of the roles has, nothing.
"""


class MatrixError(Exception):
    """The committed matrix is not what the policies say; the message names the cells."""


@dataclass(frozen=True, slots=True)
class Change:
    """A cell of which two policies say different things; None where it is not there."""

    cell: Cell
    before: str | None
    after: str | None


def files_of(layout: Layout, cells: Cells) -> dict[str, str]:
    """The matrix's files by name."""
    found = list(blocks(layout, cells))
    return {
        "matrix.md": "\n".join([_INTRODUCTION, *_markdown(layout, found)]),
        "matrix.csv": _csv(layout, found),
        "matrix.html": page(layout, found, MARKS),
    }


def changes(before: Cells, after: Cells) -> list[Change]:
    """Every cell of which the two say different things, in order."""
    return [
        Change(cell, before.get(cell), after.get(cell))
        for cell in sorted({*before, *after})
        if before.get(cell) != after.get(cell)
    ]


def check(folder: Path, layout: Layout, cells: Cells) -> None:
    """Compare the committed files with what the policies say.

    Raises:
        MatrixError: they differ, or are not there.
    """
    remedy = "Write it with: directory policy matrix, look at what changed, and commit it with the policies."
    try:
        committed = {name: (folder / name).read_text("utf-8") for name in files_of(layout, cells)}
    except OSError:
        raise MatrixError(f"There is no access matrix in {folder}. {remedy}") from None
    if committed == files_of(layout, cells):
        return
    changed = changes(cells_in(committed["matrix.csv"]), cells)
    listed = "\n".join(summary(changed)) or "None, but they are written otherwise."
    raise MatrixError(f"The policies change {len(changed)} cells of the access matrix:\n{listed}\n{remedy}")


def summary(changed: Sequence[Change]) -> list[str]:
    """What changed, a line for all cells of a role and field that change alike; every cell is named by its first."""
    alike: dict[tuple[str, str, str, str], list[Cell]] = {}
    for each in changed:
        said = f"{each.before or 'not there'} → {each.after or 'not there'}"
        alike.setdefault((each.cell.capacity.role, each.cell.type, each.cell.field, said), []).append(each.cell)
    lines = []
    for (role, type_name, field, said), cells in alike.items():
        purposes = dict.fromkeys(cell.capacity.purpose for cell in cells)
        keys = dict.fromkeys(cell.key for cell in cells)
        classes = ", ".join([*keys][:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")  # noqa: PLR2004
        lines.append(f"{role}: {type_name} {field}: {said}, of {classes or 'any'}, for {', '.join(purposes)}")
    return lines


def cells_in(text: str) -> dict[Cell, str]:
    """The cells of a CSV."""
    found: dict[Cell, str] = {}
    for line in csv.DictReader(io.StringIO(text)):
        keys = [""]
        for i, part in enumerate(line["class"].split(" ") if line["class"] else ()):
            values = part.partition("=")[2].split("/")
            keys = [f"{key}|{value}" if i else value for key in keys for value in values]
        for role in line["roles"].split(" "):
            for purpose in line["purposes"].split(" "):
                for key in keys:
                    for field in line["fields"].split(" "):
                        found[Cell(Capacity(role, purpose), line["type"], key, field)] = line["access"]
    return found


def _csv(layout: Layout, found: list[Block]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for block in found:
        for who in block.who:
            for row in block.rows:
                values = " ".join(f"{name}={'/'.join(given)}" for name, given in row.values.items())
                for (data_class, state), fields in _by_data_class(layout, block.type, row).items():
                    told = (block.type, " ".join(who.roles), " ".join(who.purposes), values, data_class)
                    writer.writerow((*told, " ".join(fields), state))
    return text.getvalue()


def _by_data_class(layout: Layout, type_name: str, row: Row) -> dict[tuple[str, str], list[str]]:
    together: dict[tuple[str, str], list[str]] = {}
    for field, state in row.said.items():
        together.setdefault((layout.fields[type_name][field], state), []).append(field)
    return together


def _markdown(layout: Layout, found: list[Block]) -> Iterator[str]:
    headed = ""
    for block in found:
        if block.type != headed:
            headed = block.type
            yield f"## {headed}\n"
        for who in block.who:
            yield f"- {', '.join(who.roles)}: for {', '.join(who.purposes)}"
        fields = layout.fields[block.type]
        attributes = layout.domains[block.type]
        yield ""
        yield f"| {' | '.join((*attributes, *fields))} |"
        yield f"| {' | '.join('---' for _ in (*attributes, *fields))} |"
        for row in block.rows:
            values = (values_in_words(layout, block.type, row, name) for name in attributes)
            states = (MARKS.get(row.said[field], row.said[field]) for field in fields)
            yield f"| {' | '.join((*values, *states))} |"
        yield ""


def values_in_words(layout: Layout, type_name: str, row: Row, attribute: str) -> str:
    """The values of an attribute that a row stands for."""
    given = row.values[attribute]
    return "any" if given == layout.domains[type_name][attribute] else ", ".join(given)
