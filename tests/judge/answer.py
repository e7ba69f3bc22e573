"""What the answer to an operation must be, and what must be recorded of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import GraphQLResolveInfo, execute_sync, parse

from resolvers.grants import CLOSED, ClassGrant
from resolvers.model import SearchRules, Shown
from tests.judge.asked import BARE, Asked, entity_step, fields_of, is_relation, step
from tests.judge.classes import Classes, Pair, Principal
from tests.judge.records import Decide, Record, Records, Where, reached
from tests.judge.search import search
from tests.judge.world import World

Noted = Counter[tuple[Any, ...]]
"""For each path, type and class: the fields shown, those withheld and why, and the ids."""

Granted = Mapping[str, Mapping[str, ClassGrant]]
"""For each type and class, what is open."""


@dataclass(frozen=True)
class Judgement:
    """The data that an operation must be answered with, and what must be recorded as disclosed."""

    data: dict[str, Any]
    noted: Noted


@dataclass
class _Court:
    """One operation before the judge."""

    records: Records
    me: Principal
    rules: SearchRules
    contacts: Mapping[str, Mapping[str, Any]]
    asked: Asked
    seen: dict[tuple[Where, str], dict[tuple[str, ...], Record]] = field(default_factory=dict)

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Any field of the schema."""
        name, here = info.field_name, step(info.field_nodes[0])
        if info.parent_type.name == "Query":
            return self._root(name, here, arguments)
        if isinstance(source, Record):
            return self._field(source, name, here, arguments)
        return source.get(name)

    def _root(self, name: str, here: tuple[str, str], arguments: Mapping[str, Any]) -> Any:
        where = (here,)
        if name == "_entities":
            return [self._entity(here, reference) for reference in arguments["representations"]]
        if name == "findChildren":
            found = search(self.records, self.rules, arguments["by"])
            candidates = None if found is None else self._reach(found, where, ())
            return {"tooMany": found is None, "candidates": candidates}
        type_name, record_id = ("Account", self.me.account) if name == "me" else (name.capitalize(), arguments["id"])
        record = self.records.get(type_name, record_id)
        return None if record is None else self._reach([record], where, ())[0]

    def _entity(self, here: tuple[str, str], reference: Any) -> Record | None:
        if not isinstance(reference, dict) or not isinstance(reference.get("id"), str):
            return None
        type_name = str(reference.get("__typename"))
        where = (entity_step(here, type_name),)
        if (where, type_name) not in self.asked.at:
            return None  # nothing is asked of such a record, so it is not looked up
        record = self.records.get(type_name, reference["id"])
        return None if record is None else self._reach([record], where, ())[0]

    def _field(self, record: Record, name: str, here: tuple[str, str], arguments: Mapping[str, Any]) -> Any:
        if name == "id":
            return record.id
        if name == "access":
            return self._access(record)
        if not is_relation(record.type, name):
            return _value(record, name) if record.opens(name) else None
        found = self.records.follow(record, name, arguments)
        if found is None:
            return None
        reachable = self._reach(found, (*record.where, here), record.chain)
        if name in {"carers", "children", "involvements", "services", "practitioners", "caseload"}:
            return reachable
        return reachable[0] if reachable else None

    def _access(self, record: Record) -> dict[str, Any]:
        contact = record.grant.contact
        return {
            "shielded": "shielded" in str(record.key).split("|"),
            "withheld": [{"field": f, "reason": why} for f, why in self._withheld(record).items()],
            "contact": self.contacts[contact] if contact else None,
        }

    def _withheld(self, record: Record) -> dict[str, str]:
        asked = self.asked.at[record.where, record.type]
        return {
            name: record.grant.withheld[name]
            for name in fields_of(record.type)
            if name in asked and name not in record.grant.open
        }

    def _reach(self, found: Iterable[Record], where: Where, chain: tuple[str, ...]) -> list[Record]:
        """Note each record that an answer reaches: once on each path, whatever its aliases."""
        reachable = [reached(record, where, chain) for record in found]
        for record in reachable:
            self.seen.setdefault((where, record.type), {})[record.chain] = record
        return reachable

    def noted(self) -> Noted:
        """What must be recorded."""
        noted: Noted = Counter()
        for (where, type_name), records in self.seen.items():
            classes: dict[str, list[Record]] = {}
            for record in records.values():
                classes.setdefault(str(record.key), []).append(record)
            for key, alike in classes.items():
                asked = self.asked.at[where, type_name]
                shown = tuple(n for n in fields_of(type_name) if n in asked and n in alike[0].grant.open)
                withheld = tuple(sorted(self._withheld(alike[0]).items()))
                ids = frozenset(record.id for record in alike)
                noted[".".join(name for name, _ in where), type_name, key, shown, withheld, ids] += 1
        return noted


def noted_of(disclosed: Iterable[Shown]) -> Noted:
    """What was recorded, in the judge's form."""
    return Counter(
        (one.path, one.type, one.class_key, one.shown, tuple(sorted(one.withheld.items())), frozenset(one.ids))
        for one in disclosed
    )


def _value(record: Record, name: str) -> Any:
    props = record.props
    if name == "address":
        lines, postcode, state = (props.get(part) for part in ("addressLines", "postcode", "addressState"))
        return {"lines": lines, "postcode": postcode, "state": state}
    if name == "formerNames":
        pairs = zip(props.get("formerGivenNames", []), props.get("formerFamilyNames", []), strict=True)
        return [{"givenName": given, "familyName": family} for given, family in pairs]
    return props.get(name)


@dataclass(frozen=True)
class Judge:
    """Judges operations of one account on one world.

    Attributes:
        world: the graph.
        me: who asks.
        decide: policy's answer about one record.
        rules: the rules of searching.
        contacts: whom to call about what is withheld.
        you: whom they ask for, if the request is mediated, and the names of each type's attributes.
    """

    world: World
    me: Principal
    decide: Decide
    rules: SearchRules
    contacts: Mapping[str, Mapping[str, Any]]
    you: tuple[Principal, Mapping[str, Sequence[str]]] | None = None

    def judge(self, text: str, variables: Mapping[str, Any]) -> Judgement:
        """What must be answered and recorded.

        Raises:
            GraphQLError: the operation is not valid here, or searches by too little.
        """
        document = parse(text)
        classes, me = Classes(self.world, self.me), self.me
        if self.you:
            classes = Pair(self.world, me, Classes(self.world, self.you[0]), self.you[1])
            me = replace(me, account="")  # two people have no account of their own together
        records = Records(self.world, classes, self.decide)
        court = _Court(records, me, self.rules, self.contacts, Asked(document, variables))
        result = execute_sync(
            BARE,
            document,
            variable_values=dict(variables),
            field_resolver=court.resolve,
            type_resolver=lambda record, _info, _union: record.type,
        )
        if result.errors:
            raise result.errors[0]
        return Judgement(result.data or {}, court.noted())


def decides(grants: Granted) -> Decide:
    """Policy's answers from a table of them."""
    return lambda type_name, key: grants[type_name][key]


def decides_both(
    mine: Mapping[str, Mapping[str, ClassGrant]], theirs: Mapping[str, Mapping[str, ClassGrant]]
) -> Decide:
    """Policy's answers about two people together: only what each of them may have by themselves."""

    def decide(type_name: str, key: str) -> ClassGrant:
        parts = [part.partition("&") for part in key.split("|")]
        one = mine[type_name]["|".join(first for first, _, _ in parts)]
        two = theirs[type_name]["|".join(second or first for first, _, second in parts)]
        opened = frozenset(name for name in one.open if name in two.open)
        if not (one.visible and two.visible and opened):
            return CLOSED
        reasons = {name: one.withheld.get(name) or two.withheld[name] for name in {*one.withheld, *two.withheld}}
        searchable = frozenset(name for name in one.searchable if name in two.searchable)
        return ClassGrant(True, opened, reasons, searchable, one.contact or two.contact)

    return decide
