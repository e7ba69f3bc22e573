"""Trials beyond the guards: attributes, conditions on links and filters, searching, and the account's recheck."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graph.attributes import ATTRIBUTES
from graph.reader import GraphReader
from resolvers.grants import Grants
from resolvers.model import Account, Row
from resolvers.ports import Reading
from resolvers.refusals import Refusal
from resolvers.tree import Statement
from tests.generative.grants import CLASSES, SEARCHED, Table, everything
from tests.guards.mutants import searching_freely, with_attribute, with_text, without
from tests.guards.proof import Proof, Trial, closing, closing_classes, not_searchable

SHARED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Child", "shielding"): ("Child", "Care", "Involvement"),
    ("Child", "local"): ("Child", "Care", "Involvement"),
}
"""The types whose classes hold an attribute, where these are not its own type alone."""

_NEARER = "EXISTS {{ ({x})-[:CARES_FOR]->(z:Child)"
_FURTHER = "EXISTS {{ ({x})-[:CARES_FOR]->(:Child)<-[:CARES_FOR]-(:Carer)-[:CARES_FOR]->(z:Child)"
PARTS: tuple[tuple[str, str, str, str], ...] = (
    ("Child", "shielding", "{x}.shielded = true", "coalesce({x}.shielded, true) = true"),
    ("Child", "shielding", "{x}.shielded = false", "coalesce({x}.shielded, false) <> true"),
    ("Child", "shielding", "z.shielded IS NULL OR z.shielded <> false", "z.shielded = true"),
    ("Child", "local", "y.id = ask.me.area", "true"),
    ("Child", "local", "z.shielded IS NULL OR z.shielded <> false", "z.shielded = true"),
    ("Child", "local", "z.shielded IS NULL OR z.shielded <> false", "true"),
    ("Child", "local", " OR NOT EXISTS {{ ({x})<-[:CARES_FOR]", " OR true OR EXISTS {{ ({x})<-[:CARES_FOR]"),
    ("Child", "local", "{s} = 'open'", "{s} <> 'shielded'"),
    ("Child", "local", "{s} = 'open'", "{s} <> 'protected'"),
    ("Child", "tie", "y.id = ask.me.practitioner", "true"),
    ("Child", "tie", "y.id = ask.me.organisation", "true"),
    ("Child", "tie", " AND (z.kind = 'UNIVERSAL' OR z.kind = 'ADDITIONAL')", ""),
    ("Child", "tie", " AND (z.kind = 'UNIVERSAL' OR z.kind = 'ADDITIONAL' OR z.kind = 'SENSITIVE')", ""),
    ("Child", "tie", " AND (z.until IS NULL OR z.until > ask.me.today)", ""),
    ("Child", "tie", "z.until > ask.me.today", "z.until >= ask.me.today"),
    ("Carer", "shielding", "z.shielded IS NULL OR z.shielded <> false", "z.shielded = true"),
    ("Carer", "local", "{s} = 'open'", "{s} <> 'open'"),
    ("Carer", "local", "z.shielded IS NULL OR z.shielded <> false", "z.shielded = true"),
    ("Carer", "local", "(z.shielded IS NULL OR z.shielded <> false)", "true"),
    ("Carer", "shielding", _FURTHER, "EXISTS {{ ({x})-[:NEVER]->(z)"),
    ("Carer", "local", _FURTHER, "EXISTS {{ ({x})-[:NEVER]->(z)"),
    ("Carer", "shielding", _NEARER, "EXISTS {{ ({x})-[:NEVER]->(z)"),
    ("Carer", "local", _NEARER, "EXISTS {{ ({x})-[:NEVER]->(z)"),
    ("Involvement", "own", "y.id = ask.me.practitioner", "true"),
    ("Service", "own", "y.id = ask.me.practitioner", "true"),
    ("Practitioner", "own", "{x}.id = ask.me.practitioner", "true"),
)
"""Parts of an attribute's expression, and what each is replaced with."""

CONDITIONS: tuple[tuple[str, str, str], ...] = (
    ("the lead professional leads", r"v\w+\.lead = true", "true"),
    ("the lead professional's involvement goes on", r"\(v\w+\.until IS NULL OR v\w+\.until > ask\.me\.today\)", "true"),
    ("a filter by kind", r"x\w+\.kind = ask\.a\.\w+\.kind", "true"),
    ("a filter by time", r"\(x\w+\.until IS NULL OR x\w+\.until > ask\.me\.today\) = ask\.a\.\w+\.open", "true"),
    ("an involvement that ends today", r"until > ask\.me\.today\) =", "until >= ask.me.today) ="),
    ("every word matches", r"all\(w IN ask\.a\.p\d+\.words WHERE", "any(w IN ask.a.p0.words WHERE"),
    ("the postcode matches too", r"h\[3\] = true AND ", ""),
    ("the best candidates first", r"ORDER BY reduce\(.*?\) DESC, ", "ORDER BY "),
    ("the newest involvements first", r"\.since, ''\) ELSE '' END DESC", ".since, '') ELSE '' END"),
)
"""Conditions of a statement that are no guards, and what each is replaced with."""

ACCOUNT = (
    ("the account's version", r"me\.version = ask\.me\.version AND ", ""),
    ("the organisation's version", r" AND org\.version = ask\.me\.organisationVersion", ""),
)


def _tables(type_name: str, attribute: str) -> list[Table]:
    """For each value of an attribute: everything open but the classes that have it, and but those that have not."""
    tables = []
    for holder in SHARED.get((type_name, attribute), (type_name,)):
        names = list(next(iter(CLASSES[holder].values())))
        at = names.index(attribute)
        for value in sorted({attributes[attribute] for attributes in CLASSES[holder].values()}):
            tables += [
                closing_classes(holder, partial(_has, at, value)),
                closing_classes(holder, partial(_has_not, at, value)),
            ]
    return tables


def _has(at: int, value: str, key: list[str]) -> bool:
    return key[at] == value


def _has_not(at: int, value: str, key: list[str]) -> bool:
    return key[at] != value


async def attribute_trials(proof: Proof) -> AsyncIterator[Trial]:
    """Replace each attribute by each constant of its domain, and each part of it that matters."""
    askings = [asking for asking in proof.pool if asking.name.startswith("_entities")]
    changes = [
        (type_name, attribute, f"'{value}'", f"always {value}")
        for type_name, attribute in ATTRIBUTES
        for value in sorted({attributes[attribute] for attributes in CLASSES[type_name].values()})
    ]
    for type_name, attribute, old, new in PARTS:
        expression = ATTRIBUTES[type_name, attribute]
        assert old in expression, f"{type_name}.{attribute} no longer holds {old}"
        changes.append((type_name, attribute, expression.replace(old, new), f"{old} -> {new or 'nothing'}"))
    for type_name, attribute, expression, told in changes:
        yield await proof.notice(
            f"attribute {type_name}.{attribute}: {told}",
            partial(with_attribute, type_name, attribute, expression),
            askings,
            _tables(type_name, attribute),
        )


async def condition_trials(proof: Proof) -> AsyncIterator[Trial]:
    """Replace each condition that is no guard, and let each name be searched by wherever it is open."""
    for told, pattern, replacement in CONDITIONS:
        askings = list(proof.pool)
        yield await proof.notice(f"condition {told}", partial(with_text, pattern, replacement), askings, [everything()])
    for known_as in SEARCHED:
        field = "address" if known_as == "postcode" else known_as
        askings = [asking for asking in proof.pool if asking.name.startswith("search by")]
        yield await proof.notice(
            f"searchable {known_as}", partial(searching_freely, field), askings, [not_searchable(known_as)]
        )


@dataclass(frozen=True)
class Stale:
    """A reader whose account facts are one version behind."""

    reader: GraphReader
    field: str

    async def account(self, account_id: str) -> Account | None:
        """The facts, with an older version."""
        account = await self.reader.account(account_id)
        return None if account is None else replace(account, **{self.field: getattr(account, self.field) - 1})

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        """The rows."""
        return await self.reader.read(statement, reading)


@dataclass(frozen=True)
class Staged:
    """A reader in whose later stages other grants hold, as if classes had changed in between."""

    reader: GraphReader
    later: Table

    async def account(self, account_id: str) -> Account | None:
        """The facts."""
        return await self.reader.account(account_id)

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        """The rows, under the later grants behind a cut."""
        if statement.parts[0].stage > 0:
            reading = replace(reading, grants=Grants("later", self.later))
        return await self.reader.read(statement, reading)


async def account_trials(proof: Proof) -> AsyncIterator[Trial]:
    """Take out each recheck of the account, while its facts are stale."""
    asking = proof.pool[0]
    for (told, pattern, replacement), field in zip(ACCOUNT, ("version", "organisation_version"), strict=True):
        stale = Stale(GraphReader(proof.driver, 60.0), field)

        async def refused(reader: Stale = stale) -> bool:
            try:
                await proof.case(asking, everything()).answer(proof.driver, reader=reader)
            except Refusal as refusal:
                return refusal.code == "ACCOUNT_CHANGED"
            return False

        assert await refused()
        with with_text(pattern, replacement):
            noticed = not await refused()
        yield Trial(f"recheck of {told}", asking.name if noticed else None)


async def stage_trials(proof: Proof) -> AsyncIterator[Trial]:
    """Take out each guard behind a cut, while classes change between the stages."""
    for guard, askings in (await proof.guards()).items():
        if guard.site != BEHIND_A_CUT:
            continue
        reader = Staged(GraphReader(proof.driver, 60.0), closing(guard))
        noticed: str | None = None
        for asking in askings:
            case = proof.case(asking, everything())
            kept, _ = await case.answer(proof.driver, reader=reader)
            with without(guard):
                changed, _ = await case.answer(proof.driver, reader=reader)
            if changed.data != kept.data:
                noticed = asking.name
        yield Trial(guard.told, noticed)


BEHIND_A_CUT = " involvement"
"""The site of the guards on an involvement from which a later stage goes on."""
TRIALS: tuple[Callable[[Proof], Any], ...] = (attribute_trials, condition_trials, account_trials, stage_trials)
