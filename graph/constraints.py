"""Constraints and indexes: what makes every keyed read a seek, and every identifier unique."""

from neo4j import AsyncDriver

LABELS = ("Child", "Carer", "Involvement", "Service", "Practitioner", "Organisation", "Account")
"""The labels whose nodes have an ``id``."""

STATEMENTS = (
    *(f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE" for label in LABELS),
    "CREATE CONSTRAINT closure_scope IF NOT EXISTS FOR (n:Closure) REQUIRE n.scope IS UNIQUE",
    "CREATE INDEX name_dated IF NOT EXISTS FOR (n:NameKey) ON (n.code, n.dateOfBirth)",
    "CREATE INDEX name_placed IF NOT EXISTS FOR (n:NameKey) ON (n.code, n.postcode)",
)
"""One statement for each constraint or index; repeating them changes nothing."""


async def constrain(driver: AsyncDriver) -> None:
    """Make every constraint and index that is not there yet."""
    async with driver.session() as session:
        for statement in STATEMENTS:
            result = await session.run(statement)
            await result.consume()
