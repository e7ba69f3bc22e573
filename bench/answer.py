"""The one answer, in the common form: of the portal's own operation, all but what says what was withheld."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from bench.model import Json

STATEMENT: LiteralString = """
MATCH (c:Child {id: $id})
RETURN [c.id, c.number, c.givenName, c.familyName, c.dateOfBirth, c.gender] AS child,
[c.addressLines, c.postcode, c.addressState] AS address,
head(COLLECT { MATCH (c)-[:RESIDES_IN]->(a:Organisation) RETURN [a.name, a.phone, a.outOfHoursPhone] }) AS authority,
COLLECT {
  MATCH (c)<-[r:CARES_FOR]-(w:Carer)
  RETURN [r.relationship, r.parentalResponsibility, w.id, w.givenName, w.familyName, w.phone, w.addressLines,
    w.postcode, w.addressState] AS row ORDER BY w.familyName, w.givenName, w.id
} AS carers,
COLLECT {
  MATCH (c)<-[:OF]-(i:Involvement) WHERE i.until IS NULL OR i.until > $today
  RETURN [i.id, i.kind, i.since, i.lead, head(COLLECT {
    MATCH (i)-[:AT]->(s:Service) RETURN [s.id, s.name, s.kind, s.phone, s.email, s.outOfHoursPhone,
      head(COLLECT { MATCH (s)-[:PART_OF]->(o:Organisation) RETURN o.name })]
  }), head(COLLECT {
    MATCH (i)-[:BY]->(p:Practitioner) RETURN [p.id, p.name, p.role, p.phone, p.email]
  })] AS row ORDER BY i.since DESC, i.id
} AS involvements,
head(COLLECT {
  MATCH (c)<-[:OF]-(i:Involvement)-[:BY]->(p:Practitioner)
  WHERE i.lead = true AND (i.until IS NULL OR i.until > $today)
  RETURN [p.id, p.name, p.role, p.phone, p.email] AS row ORDER BY i.since DESC, p.id LIMIT 1
}) AS lead
"""
"""The same values by the driver alone: one statement, one record, lists without names."""

_CHILD = ("id", "number", "givenName", "familyName", "dateOfBirth", "gender")
_ADDRESS = ("lines", "postcode", "state")
_AUTHORITY = ("name", "phone", "outOfHoursPhone")
_CARER = ("id", "givenName", "familyName", "phone")
_SERVICE = ("id", "name", "kind", "phone", "email", "outOfHoursPhone")
_PRACTITIONER = ("id", "name", "role", "phone", "email")
_INVOLVEMENT = ("id", "kind", "since", "lead")


def _named(names: Sequence[str], values: Sequence[Any] | None) -> Json:
    return None if values is None else dict(zip(names, values, strict=True))


def answer_of(row: Sequence[Any]) -> Json:
    """The answer that the plain statement's record holds."""
    child, address, authority, carers, involvements, lead = row
    return {
        **_named(_CHILD, child),
        "address": _named(_ADDRESS, address),
        "authority": _named(_AUTHORITY, authority),
        "carers": [
            {
                "relationship": each[0],
                "parentalResponsibility": each[1],
                "carer": {**_named(_CARER, each[2:6]), "address": _named(_ADDRESS, each[6:])},
            }
            for each in carers
        ],
        "involvements": [
            {
                **_named(_INVOLVEMENT, each[:4]),
                "service": {**_named(_SERVICE, each[4][:6]), "organisation": {"name": each[4][6]}},
                "practitioner": _named(_PRACTITIONER, each[5]),
            }
            for each in involvements
        ],
        "leadProfessional": _named(_PRACTITIONER, lead),
    }


def of_gateway(data: Json) -> Json:
    """The gateway's answer: without what it says about withheld fields, of which there are none here."""
    return _without_access(data["child"])


def _without_access(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _without_access(each) for name, each in value.items() if name != "access"}
    return [_without_access(each) for each in value] if isinstance(value, list) else value


def of_neo4j(data: Json) -> Json:
    """The answer of @neo4j/graphql, where a link to one record is a list and an address three fields."""
    (child,) = data["children"]
    return {
        **_picked(_CHILD, child),
        "address": _address(child),
        "authority": _first(child["authority"]),
        "carers": [
            {**edge["properties"], "carer": {**_picked(_CARER, edge["node"]), "address": _address(edge["node"])}}
            for edge in child["carersConnection"]["edges"]
        ],
        "involvements": [
            {**each, "service": _service(_first(each["service"])), "practitioner": _first(each["practitioner"])}
            for each in child["involvements"]
        ],
        "leadProfessional": _first([_first(each["practitioner"]) for each in child["lead"]]),
    }


def of_postgraphile(data: Json) -> Json:
    """The answer of PostGraphile, where an address is three fields."""
    child = data["child"]
    return {
        **_picked(_CHILD, child),
        "address": _address(child),
        "authority": child["authority"],
        "carers": [
            {**each, "carer": {**_picked(_CARER, each["carer"]), "address": _address(each["carer"])}}
            for each in child["carers"]
        ],
        "involvements": child["openInvolvements"],
        "leadProfessional": child["leadProfessional"],
    }


def _picked(names: Sequence[str], record: Mapping[str, Json]) -> dict[str, Json]:
    return {name: record[name] for name in names}


def _address(record: Mapping[str, Json]) -> Json:
    return {"lines": record["addressLines"], "postcode": record["postcode"], "state": record["addressState"]}


def _first(records: Sequence[Json]) -> Json:
    return records[0] if records else None


def _service(service: Json) -> Json:
    return {**service, "organisation": _first(service["organisation"])}


def leaves(value: Json) -> int:
    """How many values an answer has; the lines of an address are one."""
    if isinstance(value, Mapping):
        return sum(leaves(each) for each in value.values())
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        return sum(leaves(each) for each in value)
    return 1
