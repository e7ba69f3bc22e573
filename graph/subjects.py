"""Which organisations may be named to a child as having looked at their record."""

from collections.abc import Collection

from neo4j import AsyncDriver, Query

from graph.attributes import ATTRIBUTES

_OPEN = (
    f"MATCH (c:Child {{id: $child}}) WITH c, {ATTRIBUTES['Child', 'shielding'].format(x='c')} AS shielding "
    "WHERE shielding = 'open' "
)
_NAMEABLE = (
    f"{_OPEN}UNWIND $organisations AS id MATCH (o:Organisation {{id: id}}) "
    "RETURN o.id AS id, CASE WHEN EXISTS { MATCH (c)<-[:OF]-(i:Involvement)-[:AT]->(:Service)-[:PART_OF]->(o) "
    "WHERE i.kind IS NULL OR NOT i.kind IN ['UNIVERSAL', 'ADDITIONAL'] } THEN null ELSE o.name END AS name"
)


async def nameable(driver: AsyncDriver, child: str, organisations: Collection[str]) -> dict[str, str | None] | None:
    """The organisations that there are, each with its name or, where it may not be named to a child, None.

    None instead of them where none may be named, whoever looked. Of a child who is not surely open none may, since it
    could say where to look; of the others, none that the child goes to, or went to, for a service that is sensitive or
    of unknown kind.

    Source: domain rules "a shielded record names no place" and, on sensitive services, reg. 11 of the 2007 regulations.
    """
    asked = {"child": child, "organisations": sorted(organisations)}
    async with driver.session(default_access_mode="READ") as session:
        is_open = await session.run(Query(f"{_OPEN}RETURN c.id AS id"), asked)
        if not [record async for record in is_open]:
            return None
        result = await session.run(Query(_NAMEABLE), asked)
        return {record["id"]: record["name"] async for record in result}
