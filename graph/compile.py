"""Plan to Cypher: one guarded statement for the parts of a stage.

The text depends on the tree of relations alone: no alias, no literal, nothing that a client wrote. Each part is a
``COLLECT {}`` of rows; a row is ``[class, id, values…, links…]`` in the catalogue's order, a care's id being made of
those at its ends. What may be read travels as parameters, in a map for each ``ask``: ``g`` holds a bit string for each
node and class, ``a`` ids and arguments, ``me`` the asking account. Those of a role travel once, so an ask brings their
number, and their map takes its place before anything looks at it. So one statement can answer several people, each
under their own grants, and nothing in it looks at another's: see ``graph.shared``.
An ask is answered nothing unless the account and its organisation are still at the version that was decided on; in a
mediated request, those of both people, whose ``you`` stands beside ``me``.
"""

from collections.abc import Hashable, Sequence

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from graph import reach
from graph.guards import opens, shows, when
from graph.links import ORDER, VALUES
from graph.scope import Scope, Seen, see
from graph.search import searched
from graph.unlogged import UnloggedText
from resolvers.limits import LIST_LIMIT
from resolvers.tree import Node, Part, Statement


def by_id(x: str, label: str, key: str) -> str:
    """A record by its identifier: a seek, even where Neo4j counted its records while there were next to none."""
    return f"MATCH ({x}:{label}) USING INDEX SEEK {x}:{label}(id) WHERE {x}.id = {key}"


_ACCOUNT = (
    "UNWIND $all.asks AS each WITH each{.*, g: $all.grants[each.g]} AS ask, each.me.account AS own "
    f"{by_id('me', 'Account', 'own')} MATCH (me)-[:MEMBER_OF]->(org:Organisation) "
    "WHERE me.version = ask.me.version AND org.version = ask.me.organisationVersion\n"
)
_OTHER = (
    f"WITH ask, me, ask.you.account AS other {by_id('you', 'Account', 'other')} "
    "MATCH (you)-[:MEMBER_OF]->(yours:Organisation) "
    "WHERE you.version = ask.you.version AND yours.version = ask.you.organisationVersion\n"
)
_MAX_TEXT = 8_000_000
"""How many characters of statements are kept."""


def _key(statement: Statement, kinds: Sequence[str], mediated: bool = False) -> tuple[Hashable, ...]:
    return hashkey(statement.signature, mediated, *kinds)


@cached(LRUCache(_MAX_TEXT, getsizeof=len), key=_key)
def compile_statement(statement: Statement, kinds: Sequence[str], mediated: bool = False) -> UnloggedText:
    """The Cypher text of a statement: of each ask its number, its account and a list for each part.

    An ask whose account has changed is not in the answer.

    Args:
        statement: the parts to read.
        kinds: the kind of each part; a search is "dated" or "placed", after the index that it can use.
        mediated: whether somebody asks for somebody else.
    """
    parts = [
        _part(part, kind, f"{place}", mediated)
        for place, (part, kind) in enumerate(zip(statement.parts, kinds, strict=True))
    ]
    found = ",\n".join(parts)
    return UnloggedText(
        f"{_ACCOUNT}{_OTHER if mediated else ''}WITH ask, me, [{found}] AS found\n"
        "RETURN collect([ask.n, me.id, found]) AS found"
    )


def _part(part: Part, kind: str, place: str, mediated: bool) -> str:
    tag = f"{place}_{part.root.index}"
    if kind in {"dated", "placed"}:
        search = searched(kind, place, f"x{tag}", mediated=mediated)
        scope, seen = see(search.scope, "Child", f"x{tag}", f"n{tag}")
        conditions = search.conditions(seen)
        order = f" ORDER BY {search.score(seen)} DESC, {seen.x}.id LIMIT $all.limit"
        return _collect(scope, conditions, _row(part.root, place, seen, {}), order)
    if kind == "me":
        source = f"WITH ask, ask.me.account AS i {by_id(f'x{tag}', 'Account', 'i')}"
        source += f" AND x{tag}.id = ask.you.account" if mediated else ""  # nobody's account is that of both
    else:
        source = f"UNWIND ask.a.p{place}.ids AS i {by_id(f'x{tag}', part.root.type, 'i')}"
    found = reach.root(part.root, tag, source, mediated=mediated)
    return _collect(found.scope, found.conditions, _row(part.root, place, found.seen, found.ends), "")


def _collect(scope: Scope, conditions: list[str], row: str, tail: str) -> str:
    return f"COLLECT {{ {scope.text.strip()} WHERE {' AND '.join(conditions)} RETURN {row} AS row{tail} }}"


def _row(node: Node, place: str, seen: Seen, ends: dict[str, Seen]) -> str:
    """A record's row: its class, its id, each value under its guard, each link under its guard."""
    record = node.record
    identity = f"{seen.x}.id" if record.has_id else f"{ends['carer'].x}.id + '/' + {ends['child'].x}.id"
    items = [seen.k, identity]
    for name in record.values:
        value = VALUES.get((record.name, name), f"{{x}}.{name}").format(x=seen.x)
        items.append(when([shows(node.path, seen.g, record.name, name)], value))
    items += [_link(node, child, place, seen, ends) for child in node.children]
    return f"[{', '.join(items)}]"


def _link(parent: Node, node: Node, place: str, seen: Seen, ends: dict[str, Seen]) -> str:
    """The rows behind one relation of a record: null where it is not open."""
    if node.inline:
        return _row(node, place, ends[node.relation], {})
    conditions = [opens(f"{parent.type}.{node.relation}", seen.g, parent.type, node.relation)]
    if node.relation == "leadProfessional":
        conditions.append(opens("Child.leadProfessional", seen.g, "Child", "involvements"))
    found = reach.related(parent, node, f"{place}_{node.index}", seen)
    many = parent.record.relation[node.relation].many
    tail = f" ORDER BY {_order(node, found, many=many)} LIMIT {LIST_LIMIT if many else 1}"
    return when(conditions, _collect(found.scope, found.conditions, _row(node, place, found.seen, found.ends), tail))


def _order(node: Node, found: reach.Found, *, many: bool) -> str:
    """Open keys, then the id. A single record needs no keys, unless another record ranks those who may be it."""
    by = found.sorted_by
    keys = []
    for field in ORDER[by.type] if many or by is not found.seen else ():
        name, _, direction = field.partition(" ")
        guarded = when([opens(f"{node.path} order", by.g, by.type, name)], f"coalesce({by.x}.{name}, '')", "''")
        keys.append(f"{guarded} {direction}".strip())
    return ", ".join([*keys, f"{by.x}.id"])
