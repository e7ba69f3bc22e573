"""Records as lines of the files that Neo4j's import tool reads: tabs between values, arrays within a value."""

from dataclasses import dataclass, field

from seed.shape import LINKS, NAME_KEY, NODES, Batch, Row, Value

NUMBERS_OF_A_PART = 1_000_000_000
"""How many records a part may have: its numbers begin at that many times its place."""
ARRAY = "\x1f"
"""Stands between the values of an array; no name or address holds it."""
NAMES, KEYS, DONE = "NAMES", "NameKey", "Population"
_TYPES = {
    **dict.fromkeys(("formerGivenNames", "formerFamilyNames", "addressLines", "roles"), "string[]"),
    **dict.fromkeys(("shielded", "consent", "lead", "suspended", "accredited", "parentalResponsibility"), "boolean"),
    **dict.fromkeys(("version", "children", "seed"), "long"),
}
"""The types of properties that are no strings."""
LISTS = ("formerGivenNames", "formerFamilyNames")
"""Of a child: lists that are empty more often than not, which the import tool leaves out as if they were unknown."""
_NODES = {**NODES, KEYS: NAME_KEY, DONE: ("children", "seed", "today")}
_LINKS = {**{link.type: names for link, names in LINKS.items()}, NAMES: ()}
_KEPT = ("Organisation", "Service", "Practitioner")
"""What records of a later batch may refer to."""


def headers() -> dict[str, str]:
    """The header line of each label's and each type's file."""
    nodes = {label: [":ID", *map(_typed, names)] for label, names in _NODES.items()}
    links = {type_: [":START_ID", ":END_ID", *map(_typed, names)] for type_, names in _LINKS.items()}
    return {name: "\t".join(columns) + "\n" for name, columns in {**nodes, **links}.items()}


def is_link(name: str) -> bool:
    """Whether a file holds relationships."""
    return name in _LINKS


def _typed(name: str) -> str:
    return f"{name}:{_TYPES[name]}" if name in _TYPES else name


def cell(value: Value) -> str:
    """A value as the import tool reads it: nothing where it is unknown, quoted where it is empty or holds a quote."""
    if isinstance(value, str):
        return value if value and '"' not in value else '"{}"'.format(value.replace('"', '""'))
    if value is None:
        return ""
    if isinstance(value, list):
        return cell(ARRAY.join(value))
    return str(value).lower()


@dataclass
class Lines:
    """Numbers records, by which links name their ends, and writes them as lines.

    Attributes:
        next: the number of the next record.
        known: numbers of the records that later batches may refer to.
    """

    next: int
    known: dict[str, int] = field(default_factory=dict)

    def of(self, batch: Batch) -> dict[str, list[str]]:
        """The lines of a batch, for each label and type."""
        own: dict[str, int] = {}
        lines = {label: self._nodes(rows, NODES[label], own) for label, rows in batch.nodes.items()}
        known = self.known

        def number(id_: Value) -> int:
            found = own.get(id_)  # type: ignore[arg-type]
            return known[id_] if found is None else found  # type: ignore[index]

        for link, rows in batch.links.items():
            names = LINKS[link]
            lines[link.type] = [
                "\t".join([f"{number(row['start'])}\t{number(row['end'])}", *[cell(row[name]) for name in names]])
                + "\n"
                for row in rows
            ]
        lines[NAMES] = [f"{self.next + at}\t{number(row['child'])}\n" for at, row in enumerate(batch.name_keys)]
        lines[KEYS] = self._nodes(batch.name_keys, NAME_KEY, {})
        for label in _KEPT:
            self.known.update((str(row["id"]), own[str(row["id"])]) for row in batch.nodes[label])
        return lines

    def done(self, told: Row) -> dict[str, list[str]]:
        """The line of the one record that says which population it is, and that it is whole."""
        return {DONE: self._nodes([told], _NODES[DONE], {})}

    def _nodes(self, rows: list[dict[str, Value]], names: tuple[str, ...], own: dict[str, int]) -> list[str]:
        lines = []
        for row in rows:
            own[row.get("id")] = self.next  # type: ignore[index]
            get = row.get
            lines.append(f"{self.next}\t" + "\t".join([cell(get(name)) for name in names]) + "\n")
            self.next += 1
        return lines
