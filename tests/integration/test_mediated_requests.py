"""Mediated access on real engines: two people of the cast, from the code on the telephone to the record."""

import pytest
from neo4j import AsyncDriver

from audit.stream import entries
from seed.cast import SHIELDED_MARKERS
from tests.commands import directory as command
from tests.integration.conftest import CAST, Directory

pytestmark = pytest.mark.anyio

RECORD = """query($id: ID!) { child(id: $id) { givenName address { postcode }
  involvements { service { name } } carers { carer { phone address { postcode } } }
  access { shielded withheld { field reason } } } me { id } }"""
SHIELDED, OPEN = CAST["children"]["shielded-child"], CAST["children"]["open-child"]


def bringing(directory: Directory, persona: str, mediator: str) -> dict[str, str]:
    """The header with the token of somebody for whom a mediator asks."""
    accounts = CAST["accounts"]
    return {"x-on-behalf-of": directory.issuer.issue_mediation(accounts[persona], accounts[mediator])}


async def test_from_the_code_on_the_telephone_to_the_record(directory: Directory) -> None:
    """A school nurse telephones a social worker, who asks for her; both are on record, and ``me`` is neither."""
    data = ("--data", str(directory.folder))
    code = command("mediation", "code", "--as", "school-nurse", "--to", "social-worker", *data).stdout.strip()
    given = command("mediation", "token", "--as", "social-worker", "--code", code, *data).stdout.strip()
    response = await directory.ask("social-worker", RECORD, {"id": OPEN}, headers={"x-on-behalf-of": given})
    assert response.status_code == 200, response.text
    assert response.json()["data"]["child"]["givenName"] == "Nia"
    assert response.json()["data"]["me"] is None
    (entry,) = [each async for each in entries(directory.stream, last=1, follow=False)]
    assert entry["account"] == CAST["accounts"]["social-worker"]
    assert entry["mediated"] == CAST["accounts"]["school-nurse"]
    again = command("mediation", "token", "--as", "social-worker", "--code", code, *data)
    assert (again.returncode, again.stdout) == (1, "")


@pytest.mark.parametrize(("mediator", "other"), [("duty-manager", "social-worker"), ("social-worker", "duty-manager")])
async def test_clearance_is_lent_in_neither_direction(directory: Directory, mediator: str, other: str) -> None:
    """With a cleared and an uncleared person, whoever of them asks, nothing that is shielded is shown."""
    response = await directory.ask(
        mediator, RECORD, {"id": SHIELDED}, "safeguarding", headers=bringing(directory, other, mediator)
    )
    child = response.json()["data"]["child"]
    assert child["access"]["shielded"] is True
    assert child["address"] is None
    assert [marker for marker in SHIELDED_MARKERS if marker in response.text] == []


async def test_two_cleared_people_see_all_of_it(directory: Directory) -> None:
    """Where both are cleared, what is shielded is shown."""
    stated = bringing(directory, "shielding-officer", "duty-manager")
    response = await directory.ask("duty-manager", RECORD, {"id": SHIELDED}, "safeguarding", headers=stated)
    assert response.json()["data"]["child"]["address"]["postcode"]


@pytest.mark.parametrize("other", ["suspended", "lapsed-vetting"])
async def test_both_must_pass_the_gate(directory: Directory, other: str) -> None:
    """For somebody who may not ask by themselves, nobody may ask either; nor may they for others."""
    stated = bringing(directory, other, "social-worker")
    response = await directory.ask("social-worker", RECORD, {"id": OPEN}, headers=stated)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "MEDIATED_REFUSED"}
    turned = await directory.ask(other, RECORD, {"id": OPEN}, headers=bringing(directory, "social-worker", other))
    assert turned.status_code == 403
    assert turned.json()["errors"][0]["extensions"]["code"] in {"ACCOUNT_SUSPENDED", "VETTING_LAPSED"}


async def test_a_suspension_of_either_takes_effect_at_once(directory: Directory, graph_driver: AsyncDriver) -> None:
    """When the person asked for is suspended, the next request is refused, whatever was remembered of them."""
    stated = bringing(directory, "school-nurse", "social-worker")
    assert (await directory.ask("social-worker", RECORD, {"id": OPEN}, headers=stated)).status_code == 200
    change = "MATCH (a:Account {id: $id}) SET a.suspended = $suspended, a.version = a.version + 1"
    account = CAST["accounts"]["school-nurse"]
    await graph_driver.execute_query(change, id=account, suspended=True)
    try:
        response = await directory.ask("social-worker", RECORD, {"id": OPEN}, headers=stated)
    finally:
        await graph_driver.execute_query(change, id=account, suspended=False)
    assert response.json()["errors"][0]["extensions"] == {"code": "MEDIATED_REFUSED"}
    assert (await directory.ask("social-worker", RECORD, {"id": OPEN}, headers=stated)).status_code == 200
