"""What shielding hides stays hidden on every path from those without clearance; with clearance all of it is there."""

import json
from typing import Any

import pytest
from neo4j import AsyncManagedTransaction

from graph.shielding import Write, move
from schema.operations import OPERATIONS
from seed.cast import SEALED_MARKERS, SENSITIVE_MARKERS, SHIELDED_IDS, SHIELDED_MARKERS
from tests.integration.conftest import CAST, Directory

pytestmark = pytest.mark.anyio

UNCLEARED = ("social-worker", "school-nurse", "partner-caseworker", "data-manager", "auditor", "account-administrator")
PURPOSES = ("identify-needs", "coordinate-services", "safeguarding", "data-quality", "subject-access", "audit-review")
SHIELDED, HALF_SIBLING = CAST["children"]["shielded-child"], CAST["children"]["half-sibling"]
FAMILY = (SHIELDED, HALF_SIBLING)
CLINIC = {"id": "5a5c0b1e-0000-4000-8000-000000000001"}

INVOLVEMENT = "{ id kind since child { id givenName CHILD } service { id name phone } practitioner { id name phone } }"
PERSON = "id givenName familyName phone address { lines postcode }"
RECORD = """{ id number givenName familyName formerNames { givenName familyName } dateOfBirth gender
  address { lines postcode state } authority { name } leadProfessional { id name phone services { name } }
  involvements { id kind since until lead consent service { name phone email organisation { name } }
    practitioner { name phone } }
  additional: involvements(kind: ADDITIONAL, open: true) { id service { name } }
  carers { relationship parentalResponsibility carer { PERSON
    children { relationship child { id givenName address { postcode } authority { name } leadProfessional { name }
      involvements { kind service { name } practitioner { name } } } } } }
  access { shielded withheld { field reason } contact { name phone } } }"""


def _query(text: str) -> str:
    """A query with its abbreviations written out."""
    for name, meaning in (("INVOLVEMENT", INVOLVEMENT), ("RECORD", RECORD), ("PERSON", PERSON)):
        text = text.replace(name, meaning)
    return text.replace(" CHILD", " address { postcode } involvements { service { name } }")


CHILD = _query("query($id: ID!) { child(id: $id) RECORD }")
REFERENCE = 'query($id: ID!) { _entities(representations: [{__typename: "TYPE", id: $id}]) { ... on TYPE BODY } }'
TO_THE_CHILD = (
    (CHILD, FAMILY),
    (_query(REFERENCE.replace("TYPE", "Child").replace("BODY", "RECORD")), FAMILY),
    (_query(REFERENCE.replace("TYPE", "Involvement").replace("BODY", "INVOLVEMENT")), SHIELDED_IDS),
    (_query(REFERENCE.replace("TYPE", "Carer").replace("BODY", "{ PERSON children { child RECORD } }")), ("MOTHER",)),
)
TO_WHO_WORKS_WITH_HER = (
    _query(
        "query($id: ID!) { service(id: $id) { id involvements INVOLVEMENT practitioners { caseload INVOLVEMENT } } }"
    ),
    _query(
        "query($id: ID!) { practitioner(id: $id) { id caseload INVOLVEMENT services { involvements INVOLVEMENT } } }"
    ),
)


@pytest.mark.parametrize("persona", UNCLEARED)
async def test_no_path_shows_a_withheld_value(directory: Directory, persona: str) -> None:
    """Whatever path an uncleared person takes to the family, for whatever purpose, no hidden value is in the answer."""
    mother = (await directory.data("duty-manager", CHILD, id=SHIELDED))["child"]["carers"][0]["carer"]["id"]
    for purpose in PURPOSES:
        for query, ids in TO_THE_CHILD:
            for each in ids:
                response = await directory.ask(persona, query, {"id": each.replace("MOTHER", mother)}, purpose)
                answered = json.dumps(response.json().get("data"), ensure_ascii=False)
                assert [m for m in (*SHIELDED_MARKERS, *SHIELDED_IDS) if m in answered] == [], (purpose, query, each)


@pytest.mark.parametrize("persona", UNCLEARED)
async def test_nobody_who_works_with_her_leads_to_her(directory: Directory, persona: str) -> None:
    """From her school, her doctor or her social worker no uncleared person reaches her or her half-brother."""
    for purpose in PURPOSES:
        for query in TO_WHO_WORKS_WITH_HER:
            for each in SHIELDED_IDS:
                response = await directory.ask(persona, query, {"id": each}, purpose)
                answered = json.dumps(response.json().get("data"))
                assert [child for child in FAMILY if child in answered] == [], (purpose, query, each)


async def test_the_shielded_record_shows_four_things(directory: Directory) -> None:
    """A shielded child shows her name, date of birth, number and her carer's name, and nothing more."""
    child = (await directory.data("social-worker", CHILD, id=SHIELDED))["child"]
    shown = {name for name, value in child.items() if value is not None} - {"id", "access"}
    assert shown == {"number", "givenName", "familyName", "dateOfBirth", "carers"}
    for care in child["carers"]:
        assert {name for name, value in care.items() if value is not None} == {"carer"}
        carer = care["carer"]
        assert {n for n, value in carer.items() if value is not None} == {"id", "givenName", "familyName", "children"}
    assert child["access"]["shielded"] is True
    assert child["access"]["contact"]["name"] == "National relay for shielded records"
    assert {each["reason"] for each in child["access"]["withheld"]} == {"SHIELDED"}


@pytest.mark.parametrize("persona", ["duty-manager", "shielding-officer"])
async def test_clearance_shows_all_of_it(directory: Directory, persona: str) -> None:
    """The authority's management team and shielding officer see everything of the shielded child and her carers."""
    response = await directory.ask(persona, CHILD, {"id": SHIELDED}, "safeguarding")
    child = response.json()["data"]["child"]
    assert child["address"]["postcode"]
    assert child["gender"]
    assert child["authority"]["name"]
    assert all(each["service"]["name"] for each in child["involvements"])
    assert all(care["carer"]["phone"] and care["carer"]["address"]["postcode"] for care in child["carers"])
    assert child["access"]["withheld"] in ([], [{"field": "formerNames", "reason": "ROLE"}])


async def test_a_sensitive_provider_is_withheld(directory: Directory) -> None:
    """A sensitive involvement says that there is one, not whose it is, and whom to call instead."""
    response = await directory.ask(
        "social-worker", OPERATIONS["child"], {"id": CAST["children"]["sensitive-service-child"]}
    )
    assert [marker for marker in SENSITIVE_MARKERS if marker in response.text] == []
    (sensitive,) = [each for each in response.json()["data"]["child"]["involvements"] if each["kind"] == "SENSITIVE"]
    assert (sensitive["service"], sensitive["practitioner"]) == (None, None)
    assert sensitive["access"]["contact"]["name"] == "Brokered contact with sensitive services"


async def test_former_names_stay_sealed(directory: Directory) -> None:
    """An adopted child's former names are neither shown to practitioners nor found by their searches."""
    adopted = CAST["children"]["adopted-child"]
    response = await directory.ask("social-worker", CHILD, {"id": adopted})
    assert [marker for marker in SEALED_MARKERS if marker in response.text] == []
    child = response.json()["data"]["child"]
    for former in {word for marker in SEALED_MARKERS for word in marker.split()}:
        by = {"familyName": former, "dateOfBirth": child["dateOfBirth"]}
        found = await directory.data("social-worker", OPERATIONS["find"], by=by)
        assert found["findChildren"] == {"tooMany": False, "candidates": []}


async def test_a_shielded_child_is_not_found_by_where_she_lives(directory: Directory) -> None:
    """A search that uses a hidden field finds nothing, though name and date of birth alone find her."""
    record = (await directory.ask("duty-manager", CHILD, {"id": SHIELDED}, "safeguarding")).json()["data"]["child"]
    name = {"familyName": record["familyName"]}
    by_date = {**name, "dateOfBirth": record["dateOfBirth"]}
    by_place = {**name, "postcode": record["address"]["postcode"]}

    async def found(persona: str, by: dict[str, str]) -> list[str]:
        answer = await directory.ask(persona, OPERATIONS["find"], {"by": by}, "safeguarding")
        return [each["id"] for each in answer.json()["data"]["findChildren"]["candidates"]]

    assert SHIELDED in await found("social-worker", by_date)
    assert await found("social-worker", by_place) == []
    assert await found("social-worker", {**by_date, "postcode": by_place["postcode"]}) == []
    assert SHIELDED in await found("duty-manager", by_place)


async def test_whoever_may_not_know_where_a_family_is_learns_no_clinic_of_theirs(directory: Directory) -> None:
    """A protected child's sensitive service is named to the management team only for what lifts a shield."""
    clinic = CLINIC | {"child": HALF_SIBLING}
    await directory.driver.execute_query(
        "MATCH (c:Child {id: $child}), (s:Service {kind: 'SCHOOL'})<-[:WORKS_FOR]-(p:Practitioner) "
        "WITH c, s, p ORDER BY s.id, p.id LIMIT 1 CREATE (i:Involvement {id: $id, kind: 'SENSITIVE', "
        "since: '2025-01-01', consent: true, lead: true}) CREATE (i)-[:OF]->(c), (i)-[:AT]->(s), (i)-[:BY]->(p)",
        clinic,
    )
    try:
        for purpose, named in (("safeguarding", True), ("subject-access", False), ("early-intervention", False)):
            response = await directory.ask("duty-manager", CHILD, {"id": HALF_SIBLING}, purpose)
            child = response.json()["data"]["child"]
            (found,) = [each for each in child["involvements"] if each["id"] == CLINIC["id"]]
            told = (found["service"], found["practitioner"], found["consent"], found["lead"], child["leadProfessional"])
            assert [value is not None for value in told] == [named] * 5, (purpose, told)
    finally:
        await directory.driver.execute_query("MATCH (i:Involvement {id: $id}) DETACH DELETE i", clinic)


async def test_officers_do_not_see_where_a_child_goes_when_she_leaves_them(directory: Directory) -> None:
    """While a shielded child moves nobody is cleared for her, and then only her new authority's officers are."""
    before = (await directory.ask("duty-manager", CHILD, {"id": SHIELDED}, "safeguarding")).json()["data"]["child"]
    officers, postcode = ("duty-manager", "shielding-officer"), before["address"]["postcode"]

    async def seen() -> list[Any]:
        asked = [await directory.ask(each, CHILD, {"id": SHIELDED}, "safeguarding") for each in officers]
        return [each.json()["data"]["child"]["address"] for each in asked]

    def settling(authority: str, postcode: str) -> Write:
        async def settle(transaction: AsyncManagedTransaction) -> None:
            text = (
                "MATCH (c:Child {id: $child}), (o:Organisation {kind: 'LOCAL_AUTHORITY'}) "
                "WHERE (o.name = $authority) = $back WITH c, o ORDER BY o.id LIMIT 1 "
                "SET c.postcode = $postcode CREATE (c)-[:RESIDES_IN]->(o)"
            )
            given = {"child": SHIELDED, "postcode": postcode, "authority": before["authority"]["name"]}
            await (await transaction.run(text, given, back=authority == before["authority"]["name"])).consume()

        return settle

    async def drained() -> None:
        assert await seen() == [None, None]

    await move(directory.driver, [SHIELDED], settling("elsewhere", "LW9 9ZZ"), drained)
    try:
        assert await seen() == [None, None]
    finally:
        await move(directory.driver, [SHIELDED], settling(before["authority"]["name"], postcode), drained)
    assert [each["postcode"] for each in await seen()] == [postcode] * 2
