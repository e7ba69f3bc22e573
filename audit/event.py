"""One audit entry as bytes, and its expansion to one row for each field resolution."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from resolvers.model import Entry

VERSION = 1
"""The version of the entry's format."""


def encode(entry: Entry) -> bytes:
    """An entry as JSON: who asked for what, why, under which decision, and what was shown. It holds no shown value."""
    access = entry.access
    return orjson.dumps(
        {
            "v": VERSION,
            "receipt": entry.receipt,
            "at": entry.at,
            "outcome": entry.outcome,
            "codes": entry.codes,
            "account": entry.account,
            "organisation": entry.organisation,
            "purpose": access.purpose,
            "reason": access.reason,
            "client": access.client,
            "trace": access.trace,
            "mediated": access.on_behalf_of,
            "operation": entry.operation,
            "operationName": entry.operation_name,
            "arguments": entry.arguments,
            "question": entry.question,
            "revision": entry.revision,
            "records": [
                {
                    "path": shown.path,
                    "type": shown.type,
                    "class": shown.class_key,
                    "shown": shown.shown,
                    "withheld": shown.withheld,
                    "ids": shown.ids,
                }
                for shown in entry.disclosed
            ],
        },
        default=_plain,
    )


def _plain(value: Any) -> Any:
    """Whatever else an argument may be, as text: a record is never lost for want of a form."""
    return str(value)


@dataclass(frozen=True, slots=True)
class Resolution:
    """One field of one record in one operation.

    Attributes:
        path: the fields from the root to the record, dotted.
        type: the record's type.
        id: the record's identifier; of a care, those of its carer and its child.
        field: the field.
        reason: why it was withheld, or None if it was shown.
    """

    path: str
    type: str
    id: str
    field: str
    reason: str | None


def resolutions(entry: Mapping[str, Any]) -> Iterator[Resolution]:
    """Every field resolution of a decoded entry."""
    for record in entry["records"]:
        for record_id in record["ids"]:
            for field in record["shown"]:
                yield Resolution(record["path"], record["type"], record_id, field, None)
            for field, reason in record["withheld"].items():
                yield Resolution(record["path"], record["type"], record_id, field, reason)
