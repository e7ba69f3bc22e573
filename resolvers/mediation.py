"""Mediated access: one authorised user asks on behalf of another, and gets what both of them may see.

What a record is to a person may differ: her tie, her area, whether it is her own. So in a mediated request the class of
a record names such an attribute twice, for the person who asks and for the one asked for, and its grant is what the
classes of both open. Neither person has to be cleared of anything that a rule says of the other.

Source: 2007 Government response, mediated access: both must be authorised users, and both are recorded.
"""

from collections.abc import Mapping
from types import MappingProxyType

from resolvers.grants import CLOSED, ClassGrant, Grants

PERSONAL = frozenset({"local", "own", "tie"})
"""The attributes that depend on the person who asks."""
PAIR = "&"
"""Stands between the two values of a personal attribute in the class of a mediated request."""


def both(mine: Grants, theirs: Grants, attributes: Mapping[str, tuple[str, ...]]) -> Grants:
    """What the grants of two people open together, for every pair of classes that one record can have.

    Args:
        mine: the grants of the person who asks.
        theirs: the grants of the person asked for.
        attributes: the names of each type's attributes, in the order of its class keys.
    """
    classes = {
        name: MappingProxyType(_pairs(mine.classes[name], theirs.classes[name], attributes[name]))
        for name in mine.classes
    }
    return Grants(mine.revision, MappingProxyType(classes), mine.schema and theirs.schema)


def attribute_names(classes: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """The names of a type's attributes, in the order of its class keys."""
    return tuple(next(iter(classes.values()), {}))


def _pairs(
    mine: Mapping[str, ClassGrant], theirs: Mapping[str, ClassGrant], attributes: tuple[str, ...]
) -> dict[str, ClassGrant]:
    found = {}
    for my_key, my_grant in mine.items():
        for their_key, their_grant in theirs.items():
            key = _pair(my_key, their_key, attributes)
            if key is not None:
                found[key] = meet(my_grant, their_grant)
    return found


def _pair(mine: str, theirs: str, attributes: tuple[str, ...]) -> str | None:
    """The class of a record that is of these two classes to two people; None where it cannot be of both."""
    if not attributes:
        return mine
    parts = []
    for name, my_value, their_value in zip(attributes, mine.split("|"), theirs.split("|"), strict=True):
        if name in PERSONAL:
            parts.append(f"{my_value}{PAIR}{their_value}")
        elif my_value == their_value:
            parts.append(my_value)
        else:
            return None
    return "|".join(parts)


def seen_by(place: int, key: str) -> str:
    """The class of a record to one of the two people, from its class in a mediated request.

    Args:
        place: 0 for the person who asks, 1 for the one asked for.
        key: the class key, with two values of each personal attribute.
    """
    return "|".join((part.split(PAIR) * 2)[place] for part in key.split("|"))


def meet(mine: ClassGrant, theirs: ClassGrant) -> ClassGrant:
    """What two grants open together; where that is nothing, the record is not visible."""
    opened = mine.open & theirs.open
    if not (mine.visible and theirs.visible and opened):
        return CLOSED
    return ClassGrant(
        visible=True,
        open=opened,
        withheld=MappingProxyType({**theirs.withheld, **mine.withheld}),
        searchable=mine.searchable & theirs.searchable,
        contact=mine.contact or theirs.contact,
    )
