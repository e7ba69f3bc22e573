"""Which organisations may be named to a child as having looked at their record."""

from collections.abc import Collection

from neo4j import AsyncDriver, Query

from graph.attributes import ATTRIBUTES

_NAMEABLE = (
    "MATCH (c:Child {id: $child}) WITH c, "
    f"{ATTRIBUTES['Child', 'shielding'].format(x='c')} AS shielding "
    "WHERE shielding = 'open' "
    "UNWIND $organisations AS id MATCH (o:Organisation {id: id}) "
    "WHERE NOT EXISTS { MATCH (c)<-[:OF]-(i:Involvement)-[:AT]->(:Service)-[:PART_OF]->(o) "
    "WHERE i.kind IS NULL OR NOT i.kind IN ['UNIVERSAL', 'ADDITIONAL'] } "
    "RETURN o.id AS id, o.name AS name"
)


async def nameable(driver: AsyncDriver, child: str, organisations: Collection[str]) -> dict[str, str]:
    """The names of those of the organisations that may be named to a child.

    Of a child who is not surely open none may, since it could say where to look; of the others, none that the child
    goes to, or went to, for a service that is sensitive or of unknown kind.

    Source: domain rules "a shielded record names no place" and, on sensitive services, reg. 11 of the 2007 regulations.
    """
    asked = Query(_NAMEABLE)
    async with driver.session(default_access_mode="READ") as session:
        result = await session.run(asked, {"child": child, "organisations": sorted(organisations)})
        return {record["id"]: record["name"] async for record in result}
