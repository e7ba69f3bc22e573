"""One Cypher expression for each policy attribute, and the class that they make.

Every expression yields a value of its attribute's domain, or null where an input is missing or unknown; a class with a
null part is null, and null opens nothing. Attributes of a care or an involvement are those of its child. What depends
on the asking account reads the map ``ask.me``. Where nobody in a family is shielded, nobody is shielded elsewhere: so
``local`` looks at the family only where ``shielding`` is not "open", which spares its walk for nearly everybody.
"""

from collections.abc import Mapping
from types import MappingProxyType

_NOT_SURELY_OPEN = "{0}.shielded IS NULL OR {0}.shielded <> false"
_ORDINARY = "({0}.kind = 'UNIVERSAL' OR {0}.kind = 'ADDITIONAL')"
_KNOWN = "({0}.kind = 'UNIVERSAL' OR {0}.kind = 'ADDITIONAL' OR {0}.kind = 'SENSITIVE')"
"""An involvement of another kind, or of none, is not seen, so it ties nobody."""
_CURRENT = "({0}.until IS NULL OR {0}.until > ask.me.today)"
_SIBLINGS = "({x})<-[:CARES_FOR]-(:Carer)-[:CARES_FOR]->(z:Child)"
_ELSEWHERE = "NOT EXISTS {{ (z)-[:RESIDES_IN]->(y:Organisation) WHERE y.id = ask.me.area }}"

_SHIELDED_ELSEWHERE = f"({_NOT_SURELY_OPEN.format('z')}) AND {_ELSEWHERE}"

_CHILD_SHIELDING = (
    "CASE WHEN {x}.shielded = true THEN 'shielded' WHEN {x}.shielded = false THEN "
    f"CASE WHEN EXISTS {{{{ {_SIBLINGS} WHERE {_NOT_SURELY_OPEN.format('z')} }}}} THEN 'protected' ELSE 'open' END END"
)
_CHILD_LOCAL = (
    "CASE WHEN EXISTS {{ ({x})-[:RESIDES_IN]->(y:Organisation) WHERE y.id = ask.me.area }} AND ({s} = 'open' OR "
    f"NOT EXISTS {{{{ {_SIBLINGS} WHERE {_SHIELDED_ELSEWHERE} }}}}) THEN 'true' ELSE 'false' END"
)
_CHILD_TIE = (
    "CASE WHEN EXISTS {{ ({x})<-[:OF]-(z:Involvement)-[:BY]->(y:Practitioner) WHERE y.id = ask.me.practitioner "
    f"AND {_KNOWN.format('z')} AND {_CURRENT.format('z')} }}}} THEN 'direct' "
    "WHEN EXISTS {{ ({x})<-[:OF]-(z:Involvement)-[:AT]->(:Service)-[:PART_OF]->(y:Organisation) "
    f"WHERE y.id = ask.me.organisation AND {_ORDINARY.format('z')} AND {_CURRENT.format('z')} }}}} "
    "THEN 'organisation' ELSE 'none' END"
)
_CARED_FOR = (
    "({x})-[:CARES_FOR]->(z:Child)",
    "({x})-[:CARES_FOR]->(:Child)<-[:CARES_FOR]-(:Carer)-[:CARES_FOR]->(z:Child)",
)
"""The children whose shield protects a carer: those cared for, and those who share another carer with these."""


def _any_cared_for(condition: str) -> str:
    return " OR ".join(f"EXISTS {{{{ {pattern} WHERE {condition} }}}}" for pattern in _CARED_FOR)


ATTRIBUTES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Child", "shielding"): _CHILD_SHIELDING,
        ("Child", "local"): _CHILD_LOCAL,
        ("Child", "tie"): _CHILD_TIE,
        ("Carer", "shielding"): (
            f"CASE WHEN {_any_cared_for(_NOT_SURELY_OPEN.format('z'))} THEN 'protected' ELSE 'open' END"
        ),
        ("Carer", "local"): (
            f"CASE WHEN {{s}} = 'open' THEN 'true' WHEN {_any_cared_for(_SHIELDED_ELSEWHERE)} "
            "THEN 'false' ELSE 'true' END"
        ),
        ("Involvement", "kind"): (
            "CASE {x}.kind WHEN 'UNIVERSAL' THEN 'universal' WHEN 'ADDITIONAL' THEN 'additional' "
            "WHEN 'SENSITIVE' THEN 'sensitive' END"
        ),
        ("Involvement", "own"): (
            "CASE WHEN EXISTS {{ ({x})-[:BY]->(y:Practitioner) WHERE y.id = ask.me.practitioner }} "
            "THEN 'true' ELSE 'false' END"
        ),
        ("Service", "own"): (
            "CASE WHEN EXISTS {{ ({x})<-[:WORKS_FOR]-(y:Practitioner) WHERE y.id = ask.me.practitioner }} "
            "THEN 'true' ELSE 'false' END"
        ),
        ("Practitioner", "own"): "CASE WHEN {x}.id = ask.me.practitioner THEN 'true' ELSE 'false' END",
    }
)
"""The expression for each (type, attribute) of the vocabulary, of a record ``{x}`` whose ``shielding`` is ``{s}``. Care
has only its child's."""
