"""A practitioner signs in, states why, finds a child and sees who else is working with that child."""

from typing import Any

import orjson
import pytest

from audit.chain import read_receipt
from audit.event import resolutions
from audit.stream import connect, entries
from schema.operations import OPERATIONS
from tests.edge import codes
from tests.integration.conftest import CAST, Directory

pytestmark = pytest.mark.anyio
CHILD = OPERATIONS["child"]
INTROSPECTION = "__schema { queryType { name } } _service { sdl }"


async def last_entry(directory: Directory) -> dict[str, Any]:
    """The newest entry of the audit stream."""
    stream = connect(directory.engines.engines.stream_url, 5)
    try:
        return await anext(entries(stream, last=1, follow=False))
    finally:
        await stream.aclose()


async def test_who_else_is_working_with_this_child(directory: Directory) -> None:
    """A practitioner sees an open child's carers, services, practitioners and lead professional."""
    data = await directory.data("social-worker", CHILD, id=CAST["children"]["open-child"])
    child = data["child"]
    assert len(child["carers"]) == 2
    assert all(care["carer"]["givenName"] and care["carer"]["phone"] for care in child["carers"])
    assert len(child["involvements"]) == 3
    assert all(each["service"]["name"] and each["practitioner"]["name"] for each in child["involvements"])
    assert child["leadProfessional"]["name"]
    assert child["access"] == {"shielded": False, "withheld": [], "contact": None}


async def test_every_resolution_is_recorded_before_the_answer(directory: Directory) -> None:
    """When an answer arrives, its receipt names an entry with exactly the fields that were asked for."""
    child = CAST["children"]["open-child"]
    query = "query($id: ID!) { child(id: $id) { givenName gender involvements { kind service { name } } } }"
    response = await directory.ask("school-nurse", query, {"id": child})
    entry = await last_entry(directory)
    assert entry["receipt"] == read_receipt(response.json()["extensions"]["access"]["receipt"]).id
    assert (entry["account"], entry["outcome"]) == (CAST["accounts"]["school-nurse"], "answered")
    assert entry["purpose"] == "coordinate-services"
    assert {each.child for each in resolutions(entry)} == {child}
    found = {(each.path, each.field) for each in resolutions(entry) if each.reason is None}
    assert found == {
        ("child", "givenName"),
        ("child", "gender"),
        ("child", "involvements"),
        ("child.involvements", "kind"),
        ("child.involvements", "service"),
        ("child.involvements.service", "name"),
    }
    assert {each.id for each in resolutions(entry) if each.path == "child"} == {child}


async def test_a_record_holds_no_shown_value(directory: Directory) -> None:
    """The audit entry of a full answer holds none of the values that the answer shows."""
    response = await directory.ask("social-worker", CHILD, {"id": CAST["children"]["open-child"]})
    child = response.json()["data"]["child"]
    values = [child["familyName"], child["number"], child["address"]["postcode"], child["carers"][0]["carer"]["phone"]]
    text = orjson.dumps(await last_entry(directory)).decode()
    assert [value for value in values if value in text] == []


@pytest.mark.parametrize(
    ("persona", "code"),
    [("suspended", "ACCOUNT_SUSPENDED"), ("lapsed-vetting", "VETTING_LAPSED"), ("nobody", "ACCOUNT_UNKNOWN")],
)
async def test_those_who_may_not_are_told_why(directory: Directory, persona: str, code: str) -> None:
    """An account that may not use the directory gets its own code, a sentence, no data, and a recorded refusal."""
    response = await directory.ask(persona, CHILD, {"id": CAST["children"]["open-child"]})
    body = response.json()
    assert response.status_code == 403
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == code
    entry = await last_entry(directory)
    assert (entry["receipt"], entry["codes"]) == (read_receipt(body["extensions"]["access"]["receipt"]).id, [code])


@pytest.mark.parametrize(
    ("purpose", "reason", "code"),
    [
        ("coordinate-services", "", "REASON_REQUIRED"),
        ("curiosity", "none", "PURPOSE_UNKNOWN"),
        ("audit-review", "none", "PURPOSE_NOT_FOR_ROLE"),
    ],
)
async def test_every_access_states_why(directory: Directory, purpose: str, reason: str, code: str) -> None:
    """Without a reason and a fitting purpose nothing is shown."""
    response = await directory.ask("social-worker", "{ me { id } }", None, purpose, reason)
    extensions = response.json()["errors"][0]["extensions"]
    assert response.status_code == 403
    assert code in {extensions["code"], *extensions.get("codes", [])}


async def test_an_absent_and_an_invisible_record_are_alike(directory: Directory) -> None:
    """A record that a person may not see is answered with the same bytes as one that does not exist."""
    query = "query($id: ID!) { child(id: $id) { id givenName carers { relationship } access { shielded } } }"
    answers = []
    for child in (CAST["children"]["open-child"], "7f1c7a0c-0000-4000-8000-000000000000"):
        response = await directory.ask("auditor", query, {"id": child}, "audit-review")
        body = response.json()
        receipt = body["extensions"]["access"].pop("receipt")
        assert response.headers.pop("x-access-receipt") == receipt
        answers.append((response.status_code, body, sorted(response.headers.items())))
    assert answers[0] == answers[1]
    assert answers[0][1]["data"] == {"child": None}


async def test_a_suspension_bites_with_the_next_read(directory: Directory) -> None:
    """An account suspended after it has been served is refused at its very next request, whatever its token says."""
    account = CAST["accounts"]["partner-caseworker"]
    query = "MATCH (a:Account {id: $id}) SET a.suspended = $suspended, a.version = a.version + 1"
    assert (await directory.ask("partner-caseworker", "{ me { id } }")).status_code == 200
    await directory.driver.execute_query(query, {"id": account, "suspended": True})
    try:
        refused = await directory.ask("partner-caseworker", "{ me { id } }")
    finally:
        await directory.driver.execute_query(query, {"id": account, "suspended": False})
    assert refused.json()["errors"][0]["extensions"]["code"] == "ACCOUNT_SUSPENDED"
    assert (await directory.ask("partner-caseworker", "{ me { id } }")).status_code == 200


async def test_aliases_fragments_and_conditions(directory: Directory) -> None:
    """Aliases, fragments, conditions, several roots and one field with different arguments keep the client's shape."""
    query = """
    query($id: ID!, $no: Boolean!) {
      me { id }
      a: child(id: $id) {
        ...names
        all: involvements { kind }
        some: involvements(kind: UNIVERSAL) { kind service { name } }
        gender @skip(if: $no)
        number @include(if: $no)
      }
      b: child(id: "absent") { id }
      __typename
    }
    fragment names on Child { first: givenName ... on Child { familyName } __typename }
    """
    data = await directory.data("social-worker", query, id=CAST["children"]["open-child"], no=True)
    assert list(data) == ["me", "a", "b", "__typename"]
    assert list(data["a"]) == ["first", "familyName", "__typename", "all", "some", "number"]
    assert (data["b"], data["__typename"], data["a"]["__typename"]) == (None, "Query", "Child")
    assert {each["kind"] for each in data["a"]["some"]} == {"UNIVERSAL"}
    assert len(data["a"]["all"]) > len(data["a"]["some"])


async def test_a_deep_query_is_read_in_stages(directory: Directory) -> None:
    """A query deeper than one statement holds is answered whole."""
    query = """
    query($id: ID!) { child(id: $id) { carers { carer { children { child { involvements {
      service { organisation { services { practitioners { services { name } } } } } } } } } } } }
    """
    data = await directory.data("social-worker", query, id=CAST["children"]["open-child"])
    (child,) = [c["child"] for c in data["child"]["carers"][0]["carer"]["children"]]
    organisation = child["involvements"][0]["service"]["organisation"]
    assert organisation["services"][0]["practitioners"][0]["services"][0]["name"]


async def test_introspection_goes_with_data(directory: Directory) -> None:
    """One operation may ask for the schema and for records, if policy lets the account read the schema."""
    data = await directory.data("partner-caseworker", f"{{ {INTROSPECTION} me {{ roles }} }}")
    assert data["__schema"]["queryType"]["name"] == "Query"
    assert "type Child" in data["_service"]["sdl"]
    assert data["me"] == {"roles": ["partner-caseworker"]}


async def test_the_schema_is_not_for_every_role(directory: Directory) -> None:
    """Somebody whose roles may not read the schema is refused, with a receipt."""
    response = await directory.ask("social-worker", f"{{ {INTROSPECTION} }}")
    assert (response.status_code, codes(response)) == (403, ["SCHEMA_NOT_FOR_ROLE"])
    assert response.json()["extensions"]["access"]["receipt"]


async def test_no_log_holds_whom_somebody_asked_about(directory: Directory, caplog: pytest.LogCaptureFixture) -> None:
    """Even where the driver logs everything that it sends, no name, date of birth or identifier is in that log."""
    caplog.set_level("DEBUG", logger="neo4j")
    by = {"familyName": "Quillfeather", "dateOfBirth": "2013-11-02"}
    await directory.data("social-worker", OPERATIONS["find"], by=by)
    await directory.data("social-worker", CHILD, id=CAST["children"]["open-child"])
    assert caplog.text.count("C: RUN") >= 2
    told = (*by.values(), "quillfeather", CAST["children"]["open-child"], CAST["accounts"]["social-worker"])
    assert [each for each in told if each in caplog.text] == []
