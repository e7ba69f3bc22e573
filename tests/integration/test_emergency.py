"""The emergency switch closes access at once, and takes two people to open again."""

import pytest
from neo4j import AsyncDriver

from graph import closures
from graph.closures import ClosureError
from tests.integration.conftest import CAST, Directory

pytestmark = pytest.mark.anyio
ME = "{ me { id organisation { id } } }"


async def organisation_of(driver: AsyncDriver, persona: str) -> str:
    """The organisation that a persona acts for."""
    query = "MATCH (a:Account {id: $id})-[:MEMBER_OF]->(o:Organisation) RETURN o.id AS id"
    records, _, _ = await driver.execute_query(query, {"id": CAST["accounts"][persona]})
    return str(records[0]["id"])


async def codes(directory: Directory, *personas: str) -> list[str]:
    """What each persona is told, "" where answered."""
    said = []
    for persona in personas:
        body = (await directory.ask(persona, ME)).json()
        said.append("" if "data" in body else body["errors"][0]["extensions"]["code"])
    return said


async def reopen(driver: AsyncDriver, scope: str) -> None:
    """Two people reopen."""
    assert not await closures.reopen(driver, scope, by="first")
    assert await closures.reopen(driver, scope, by="second")


async def test_the_whole_directory_closes_at_once(directory: Directory) -> None:
    """From the moment the directory is closed everybody is refused, whoever was served just before."""
    people = ("social-worker", "duty-manager", "partner-caseworker")
    assert await codes(directory, *people) == ["", "", ""]
    await closures.close(directory.driver, "all", by="first", at="2026-01-01T00:00:00+00:00", reason="a test")
    try:
        assert await codes(directory, *people) == ["DIRECTORY_CLOSED"] * 3
    finally:
        await reopen(directory.driver, "all")
    assert await codes(directory, *people) == ["", "", ""]


async def test_one_partner_closes_alone(directory: Directory) -> None:
    """Closing one partner's access refuses its people and nobody else."""
    partner = await organisation_of(directory.driver, "partner-caseworker")
    await closures.close(directory.driver, partner, by="first", at="2026-01-01T00:00:00+00:00", reason="a test")
    try:
        assert await codes(directory, "partner-caseworker", "social-worker") == ["DIRECTORY_CLOSED", ""]
    finally:
        await reopen(directory.driver, partner)
    assert await codes(directory, "partner-caseworker") == [""]


async def test_an_authority_closes_with_all_within_it(directory: Directory) -> None:
    """Closing an authority refuses the people of every organisation within it."""
    authority = await organisation_of(directory.driver, "social-worker")
    assert await organisation_of(directory.driver, "school-nurse") != authority
    await closures.close(directory.driver, authority, by="first", at="2026-01-01T00:00:00+00:00", reason="a test")
    try:
        said = await codes(directory, "social-worker", "school-nurse", "partner-caseworker")
        assert said == ["DIRECTORY_CLOSED", "DIRECTORY_CLOSED", ""]
    finally:
        await reopen(directory.driver, authority)


async def test_one_person_cannot_reopen(directory: Directory) -> None:
    """The person who proposes to reopen cannot also do it, and a new closure voids the proposal."""
    await closures.close(directory.driver, "all", by="first", at="2026-01-01T00:00:00+00:00", reason="a test")
    try:
        assert not await closures.reopen(directory.driver, "all", by="first")
        with pytest.raises(ClosureError, match="another person"):
            await closures.reopen(directory.driver, "all", by="first")
        await closures.close(directory.driver, "all", by="third", at="2026-01-02T00:00:00+00:00", reason="again")
        (closure,) = await closures.closures(directory.driver)
        assert (closure.scope, closure.by, closure.opening) == ("all", "first", None)
    finally:
        await reopen(directory.driver, "all")
    assert await closures.closures(directory.driver) == []


async def test_the_switch_says_what_is_wrong(directory: Directory) -> None:
    """An unknown organisation and a directory that is not closed are named in a sentence."""
    with pytest.raises(ClosureError, match="no organisation nobody"):
        await closures.close(directory.driver, "nobody", by="first", at="2026-01-01T00:00:00+00:00", reason="a test")
    with pytest.raises(ClosureError, match="not closed"):
        await closures.reopen(directory.driver, "all", by="first")
