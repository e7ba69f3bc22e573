"""The guards of the read: the only place that turns a grant's bits into Cypher conditions.

Each function is one kind of guard; ``site`` names where in the statement it stands. Nothing else in the compiler looks
into a bit string, so that each single guard can be taken out on trial, and the tests must notice. A record whose class
opens anything is visible (`resolvers.grants` gives an invisible class no bit at all), so that ``visible`` is asked only
where nothing else is.
"""

from schema.catalogue import CATALOGUE


def visible(_site: str, grant: str) -> str:
    """The record itself may be seen."""
    return f"substring({grant}, 0, 1) = '1'"


def opens(_site: str, grant: str, type_name: str, field: str) -> str:
    """The record's class opens a field: to follow it, filter by it, sort by it or search it."""
    return f"substring({grant}, {CATALOGUE[type_name].open_bit[field]}, 1) = '1'"


def shows(_site: str, grant: str, type_name: str, field: str) -> str:
    """The record's class opens a value and the operation wants it: otherwise it is not read."""
    return f"substring({grant}, {CATALOGUE[type_name].show_bit[field]}, 1) = '1'"


def when(conditions: list[str], value: str, otherwise: str = "null") -> str:
    """A value under conditions; where they do not hold, it is not evaluated."""
    return f"CASE WHEN {' AND '.join(conditions)} THEN {value} ELSE {otherwise} END"
