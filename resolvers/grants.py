"""Grants: for every class of record, what is open. And their form in the statement: one bit string for each class."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from types import MappingProxyType
from typing import Any, TypeGuard, TypeVar

from schema.catalogue import CATALOGUE

Classes = Mapping[str, Mapping[str, Mapping[str, str]]]
"""For each type, for each class key, the attribute values."""

RESTS_ON: Mapping[str, Mapping[str, str]] = MappingProxyType({"Child": {"leadProfessional": "involvements"}})
"""Fields that are read through another one, and so are withheld with it, for its reason."""
_T = TypeVar("_T")
_MAX_TOLD, _MAX_MAPS = 256, 32
"""Of how many classes it is kept what they show of a selection, and of how many statements the bit strings: clients can
make up ever new selections. When it is full, keeping begins anew, which costs less than to note at each of some twenty
looks an answer what was used last."""
_SEARCHED = MappingProxyType(
    {
        "givenName": "givenName",
        "familyName": "familyName",
        "formerNames": "formerNames",
        "dateOfBirth": "dateOfBirth",
        "address": "postcode",
    }
)


@dataclass(frozen=True, slots=True)
class ClassGrant:
    """What one class of record opens.

    Attributes:
        open: the open fields; empty where the record is not visible.
        withheld: the reason code of each withheld field.
        searchable: the fields that a search may match.
        contact: the key of the contact to call about what is withheld.
        visible: whether the record may be seen at all.
    """

    visible: bool
    open: frozenset[str]
    withheld: Mapping[str, str]
    searchable: frozenset[str]
    contact: str | None


CLOSED = ClassGrant(
    visible=False, open=frozenset(), withheld=MappingProxyType({}), searchable=frozenset(), contact=None
)
"""Nothing."""


def class_grant(type_name: str, decided: object) -> ClassGrant:
    """Read one class's part of a decision; whatever is not exactly as agreed opens nothing."""
    if not isinstance(decided, Mapping) or decided.get("visible") is not True:
        return CLOSED
    record, names = CATALOGUE[type_name], decided.get("open")
    withheld, searchable = decided.get("withheld"), decided.get("searchable")
    if not (_texts(names) and isinstance(withheld, Mapping) and _texts(searchable)):
        return CLOSED
    opened = frozenset(names) & frozenset(record.fields) - frozenset(withheld)
    reasons = {name: str(withheld.get(name, "ROLE")) for name in record.fields if name not in opened}
    for name, source in RESTS_ON.get(type_name, {}).items():
        if name in opened and source in reasons:
            opened, reasons[name] = opened - {name}, reasons[source]
    contact = decided.get("contact")
    return ClassGrant(
        visible=True,
        open=opened,
        withheld=MappingProxyType(reasons),
        searchable=frozenset(searchable),
        contact=contact if isinstance(contact, str) else None,
    )


def _texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


@dataclass(frozen=True, slots=True)
class Grants:
    """The decision for one capacity under one policy revision.

    Attributes:
        revision: the policy revision.
        classes: for each type and class key, what is open.
        schema: whether the schema itself may be read.
    """

    revision: str
    classes: Mapping[str, Mapping[str, ClassGrant]]
    schema: bool = False
    _told: dict[Hashable, tuple[tuple[str, ...], Mapping[str, str]]] = field(default_factory=dict, compare=False)
    _maps: dict[Hashable, Any] = field(default_factory=dict, compare=False)

    def of(self, type_name: str, class_key: str) -> ClassGrant:
        """What a class opens; nothing if the decision does not mention it."""
        return self.classes.get(type_name, {}).get(class_key, CLOSED)

    def told(self, type_name: str, class_key: str, asked: frozenset[str]) -> tuple[tuple[str, ...], Mapping[str, str]]:
        """Which of the fields that are asked for a class shows, and why it withholds others, in the record's order."""
        key = (type_name, class_key, asked)
        found = self._told.get(key)
        return _keep(self._told, _MAX_TOLD, key, self._tell(*key)) if found is None else found

    def _tell(self, type_name: str, class_key: str, asked: frozenset[str]) -> tuple[tuple[str, ...], Mapping[str, str]]:
        grant = self.of(type_name, class_key)
        fields = [name for name in CATALOGUE[type_name].fields if name in asked]
        shown = tuple(name for name in fields if name in grant.open)
        return shown, {name: grant.withheld[name] for name in fields if name in grant.withheld}

    def bits(self, type_name: str, wanted: frozenset[str], *, search: bool = False) -> dict[str, str]:
        """The bit string of each visible class: visible, then each field open, then each value open and wanted.

        A class that is not visible has none: every guard then asks nothing of nothing, and is closed.

        Args:
            type_name: the record type.
            wanted: the values that the operation asks for.
            search: whether the open bits of values say what a search may match.
        """
        granted = self.classes.get(type_name, {})
        return {name: _bits(type_name, grant, wanted, search) for name, grant in granted.items() if grant.visible}

    def kept(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What a statement needs of these grants, made when it is first asked for; it follows from them and the key."""
        maps: dict[Hashable, _T] = self._maps
        found = maps.get(key)
        return _keep(maps, _MAX_MAPS, key, make()) if found is None else found


def _keep(among: dict[Hashable, _T], most: int, key: Hashable, made: _T) -> _T:
    if len(among) >= most:
        among.clear()
    among[key] = made
    return made


def _bits(type_name: str, grant: ClassGrant, wanted: frozenset[str], search: bool) -> str:
    """The bits of one visible class."""
    record = CATALOGUE[type_name]

    def is_open(name: str) -> bool:
        return name in grant.open and (not search or name not in _SEARCHED or _SEARCHED[name] in grant.searchable)

    bits = [True, *map(is_open, record.fields), *(name in grant.open & wanted for name in record.values)]
    return "".join("1" if bit else "0" for bit in bits)


def classes_of(vocabulary: Mapping[str, Any]) -> Classes:
    """Every class of every record type: the product of its attributes' domains, keyed by the values in order."""
    classes: dict[str, Mapping[str, Mapping[str, str]]] = {}
    for type_name, described in vocabulary["types"].items():
        attributes = described["attributes"]
        names = [attribute["name"] for attribute in attributes]
        combinations: Iterable[tuple[str, ...]] = product(*(attribute["domain"] for attribute in attributes))
        classes[type_name] = MappingProxyType(
            {"|".join(values): dict(zip(names, values, strict=True)) for values in combinations}
        )
    return MappingProxyType(classes)


def question_about(classes: Classes) -> dict[str, Any]:
    """What policy is asked about records: every one of these classes."""
    return {
        f"{type_name}:{key}": {"type": type_name, "attributes": attributes}
        for type_name, keys in classes.items()
        for key, attributes in keys.items()
    }
