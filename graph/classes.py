"""The class of one child for one account, for those who explain decisions: the same expressions as every read."""

from neo4j import AsyncDriver

from graph.attributes import ATTRIBUTES
from resolvers.model import Account

_PARTS = ", ".join(ATTRIBUTES["Child", name].format(x="c") for name in ("shielding", "local", "tie"))
_QUERY = f"MATCH (c:Child {{id: $id}}) RETURN [{_PARTS}] AS values"


async def child_class(driver: AsyncDriver, child: str, account: Account, today: str) -> str | None:
    """The key of a child's class as an account meets her, or None if there is no such child or it has no class.

    Args:
        driver: the graph.
        child: her identifier.
        account: who would ask.
        today: the date, ISO 8601.
    """
    me = {
        "area": account.area,
        "practitioner": account.practitioner,
        "organisation": account.organisation,
        "today": today,
    }
    records, _, _ = await driver.execute_query(_QUERY, id=child, me=me)
    values: list[str | None] = records[0]["values"] if records else [None]
    known = [value for value in values if value is not None]
    return "|".join(known) if len(known) == len(values) else None
