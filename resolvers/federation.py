"""What a router sends to have entities resolved, and the little of it that counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """The type and the identifier of a record: all that a representation may contribute."""

    type: str
    id: str


def reference_of(representation: object) -> Reference | None:
    """What a representation refers to; None where it is not of that form.

    Whatever else a router puts into it is neither read, checked nor answered, so it can neither show a field nor
    probe one.
    """
    if not isinstance(representation, dict):
        return None
    type_name, record_id = representation.get("__typename"), representation.get("id")
    if not isinstance(type_name, str) or not isinstance(record_id, str):
        return None
    return Reference(type_name, record_id)


def told_of(representation: object) -> dict[str, str] | None:
    """A representation as the audit stream tells of it."""
    reference = reference_of(representation)
    return {"__typename": reference.type, "id": reference.id} if reference else None
