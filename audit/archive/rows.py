"""An entry as rows: one of the entry itself, and one for each record that it touched."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

import orjson

from audit.chain import NOTHING, VERSION

_SEGMENT, _HASH = 16, 32
_HEX = re.compile("[0-9a-f]+")


@dataclass(frozen=True)
class Leaf:
    """An entry at its place in the log.

    Attributes:
        index: its place.
        stream: its identifier in the stream; of what the archiver wrote itself, that of the entry before.
        entry: its exact bytes.
        signature: its signature.
    """

    index: int
    stream: str
    entry: bytes
    signature: bytes

    @cached_property
    def hash(self) -> bytes:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.entry).digest()

    @property
    def data(self) -> bytes:
        """What the Merkle tree holds of it."""
        return self.hash + self.signature

    @property
    def day(self) -> str:
        """The day of its archive, "YYYY-MM-DD", by the stream's clock."""
        return datetime.fromtimestamp(int(self.stream.partition("-")[0]) / 1000, UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry says that it belongs.

    Attributes:
        segment: its segment.
        n: its number.
        prev: the hash of the entry before, hexadecimal.
        kind: what kind of entry it is.
    """

    segment: str
    n: int
    prev: str
    kind: str


@lru_cache(maxsize=8)
def decoded(entry: bytes) -> tuple[Place, dict[str, Any]]:
    """An entry's place and content, which nobody may change.

    Raises:
        ValueError: it is not an entry of this format.
    """
    content = orjson.loads(entry)
    if not isinstance(content, dict) or content.get("v") != VERSION:
        raise ValueError(f"it is no entry of version {VERSION}")
    segment, n, prev, kind = (content.get(name) for name in ("segment", "n", "prev", "kind"))
    if not (_is_hex(segment, _SEGMENT) and _is_hex(prev, _HASH) and isinstance(kind, str)):
        raise ValueError("it does not say which segment it belongs to")
    if type(n) is not int or not 0 <= n < 2**53 or (n == 0) != (prev == NOTHING.hex()):
        raise ValueError("it does not say which number it has")
    datetime.fromisoformat(content["at"])
    return Place(str(segment), n, str(prev), kind), content


def entry_row(leaf: Leaf) -> dict[str, Any]:
    """The row of an entry. Of one that is malformed, only what is known."""
    row: dict[str, Any] = {
        "leaf": leaf.index,
        "stream": leaf.stream,
        "hash": leaf.hash.hex(),
        "entry": base64.b64encode(leaf.entry).decode(),
        "signature": base64.b64encode(leaf.signature).decode(),
    }
    try:
        place, content = decoded(leaf.entry)
        common = _common(content)
    except (KeyError, TypeError, ValueError):
        return row
    return {**row, "segment": place.segment, "n": place.n, "kind": place.kind, **common}


def record_rows(leaf: Leaf) -> Iterator[dict[str, Any]]:
    """The rows of the records that an entry touched; of one that is malformed, none."""
    try:
        _, content = decoded(leaf.entry)
        rows = list(_records(leaf.index, content))
    except (AttributeError, KeyError, TypeError, ValueError):
        rows = []
    yield from rows


def _records(index: int, content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    common = {name: value for name, value in _common(content).items() if name not in {"codes", "name"}}
    common["sealed"] = orjson.dumps(content["sealed"]).decode() if content.get("sealed") else None
    touched = 0
    for record in content.get("records", ()):
        described = {
            "path": _text(record["path"]),
            "type": _text(record["type"]),
            "class": _text(record["class"]),
            "shown": [str(each) for each in record["shown"]],
            "withheld": {str(name): str(why) for name, why in record["withheld"].items()},
        }
        for record_id, child in zip(record["ids"], record["of"], strict=True):
            whose = record_id if record["type"] == "Child" else child
            place = {"leaf": index, "place": touched, "id": _text(record_id), "of": _text(whose)}
            yield {**place, **common, **described}
            touched += 1


def _common(content: Mapping[str, Any]) -> dict[str, Any]:
    mediated = content.get("mediated")
    return {
        "at": datetime.fromisoformat(content["at"]).isoformat(timespec="milliseconds"),
        "receipt": _text(content.get("receipt")),
        "account": _text(content.get("account")),
        "organisation": _text(content.get("organisation")),
        "area": _text(content.get("area")),
        "purpose": _text(content.get("purpose")),
        "outcome": _text(content.get("outcome")),
        "codes": [str(code) for code in content.get("codes", ())],
        "client": _text(content.get("client")),
        "trace": _text(content.get("trace")),
        "mediated": orjson.dumps(mediated).decode() if mediated else None,
        "operation": _text(content.get("operation")),
        "name": _text(content.get("operationName")),
        "revision": _text(content.get("revision")),
    }


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("it is no text")
    return value


def _is_hex(value: object, size: int) -> bool:
    return isinstance(value, str) and len(value) == 2 * size and _HEX.fullmatch(value) is not None
