"""What an audit entry says: the open part as JSON, the part to be sealed, and the expansion to field resolutions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from resolvers.model import IDENTIFIER, Entry

_NAMING = {"child": "id", "history": "child"}
"""The argument that names a child, of each root field that has one."""
_PEOPLE = frozenset({"Child", "Carer"})


def opened(entry: Entry) -> dict[str, Any]:
    """The part of an entry that every reader of the trail may see. It holds no shown value and no free text."""
    access = entry.access
    return {
        "receipt": entry.receipt,
        "at": entry.at,
        "outcome": entry.outcome,
        "codes": entry.codes,
        "account": entry.account,
        "organisation": entry.organisation,
        "area": entry.area,
        "purpose": access.purpose,
        "client": access.client,
        "trace": access.trace,
        "mediated": access.on_behalf_of or access.mediated,
        "operation": entry.operation,
        "operationName": entry.operation_name,
        "introspects": entry.introspects,
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
                "of": shown.children,
            }
            for shown in entry.disclosed
        ],
        **({} if entry.shadow is None else {"shadow": entry.shadow}),
    }


def confided(entry: Entry) -> dict[str, Any]:
    """The part that is sealed: what people wrote, and what they asked for or searched by."""
    return {"reason": entry.access.reason, "arguments": entry.arguments}


def subjects(entry: Entry) -> frozenset[str]:
    """The identifiers of the children and carers whom an entry concerns: what was disclosed, and whom it asked for.

    Whoever is asked for counts even where nothing is shown, or nobody is there: what people wrote may tell of them. But
    clients can write anything where an identifier is expected, a name too, and subjects are not sealed.
    """
    found = set(_asked_for(entry.arguments))
    for shown in entry.disclosed:
        found.update(child for child in shown.children if child)
        if shown.type == "Carer":
            found.update(shown.ids)
        elif shown.type == "Care":
            found.update(care.partition("/")[0] for care in shown.ids)
    return frozenset(found)


def _asked_for(arguments: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    for field, given in arguments:
        named = [given.get(_NAMING[field])] if field in _NAMING else []
        named += [each["id"] for each in given.get("representations") or () if each and each["__typename"] in _PEOPLE]
        yield from (each for each in named if isinstance(each, str) and IDENTIFIER.fullmatch(each))


def encode(content: Mapping[str, Any]) -> bytes:
    """JSON, whatever is in it: a record is never lost for want of a form."""
    return orjson.dumps(content, default=str)


@dataclass(frozen=True, slots=True)
class Resolution:
    """One field of one record in one operation.

    Attributes:
        path: the fields from the root to the record, dotted.
        type: the record's type.
        id: the record's identifier; of a care, those of its carer and its child.
        child: the child that the record was reached through or belongs to, as far as the operation tells.
        field: the field.
        reason: why it was withheld, or None if it was shown.
    """

    path: str
    type: str
    id: str
    child: str | None
    field: str
    reason: str | None


def resolutions(entry: Mapping[str, Any]) -> Iterator[Resolution]:
    """Every field resolution of a decoded entry; of one that is no access, none."""
    for record in entry.get("records", ()):
        for record_id, child in zip(record["ids"], record["of"], strict=True):
            reached = (record["path"], record["type"], record_id, child)
            for field in record["shown"]:
                yield Resolution(*reached, field, None)
            for field, reason in record["withheld"].items():
                yield Resolution(*reached, field, reason)
