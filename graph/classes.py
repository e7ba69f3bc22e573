"""The class of one record for one account, for those who explain decisions: the same expressions as every read."""

from neo4j import AsyncDriver

from graph.parameters import person
from graph.scope import Scope, see
from resolvers.model import Account
from schema.catalogue import CATALOGUE


async def record_class(driver: AsyncDriver, type_name: str, record: str, account: Account, today: str) -> str | None:
    """The key of a record's class as an account meets it, or None if there is no such record or it has no class.

    Args:
        driver: the graph.
        type_name: the record's type.
        record: its identifier; of a care, those of its carer and its child, joined by a slash.
        account: who would ask.
        today: the date, ISO 8601.
    """
    carer, _, child = record.partition("/")
    ids = {"id": record, "carer": carer, "child": child}
    ask = {"me": person(account, today), "g": {"it": {}}}
    records, _, _ = await driver.execute_query(_query(type_name), parameters_={**ids, "ask": ask})
    found: str | None = records[0]["key"] if records else None
    return found


def _query(type_name: str) -> str:
    """The statement that finds a record and works out its class."""
    scope = Scope(("ask", "x"), f"WITH $ask AS ask MATCH (x:{CATALOGUE[type_name].name} {{id: $id}})")
    child = None
    if type_name == "Care":
        scope = Scope(
            ("ask", "x", "c"), "WITH $ask AS ask MATCH (:Carer {id: $carer})-[x:CARES_FOR]->(c:Child {id: $child})"
        )
    if type_name == "Involvement":
        scope = scope.match("MATCH (x)-[:OF]->(c:Child)", "c")
    if type_name in {"Care", "Involvement"}:
        scope, child = see(scope, "Child", "c", "it")
    scope, seen = see(scope, type_name, "x", "it", child)
    return f"{scope.text} RETURN {seen.k} AS key"
