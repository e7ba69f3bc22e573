"""How each relation of the schema is walked in the graph: from the bound end outwards, on both engines."""

from collections.abc import Mapping
from types import MappingProxyType

VALUES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Child", "address"): "[{x}.addressLines, {x}.postcode, {x}.addressState]",
        ("Carer", "address"): "[{x}.addressLines, {x}.postcode, {x}.addressState]",
        ("Child", "formerNames"): "[{x}.formerGivenNames, {x}.formerFamilyNames]",
    }
)
"""Values that are not simply the property of the field's name."""

PATTERNS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Child", "carers"): "({p})<-[{r}:CARES_FOR]-({w}:Carer)",
        ("Carer", "children"): "({p})-[{r}:CARES_FOR]->({c}:Child)",
        ("Child", "involvements"): "({p})<-[:OF]-({x}:Involvement)",
        ("Child", "leadProfessional"): "({p})<-[:OF]-({v}:Involvement)-[:BY]->({x}:Practitioner)",
        ("Child", "authority"): "({p})-[:RESIDES_IN]->({x}:Organisation)",
        ("Involvement", "service"): "({p})-[:AT]->({x}:Service)",
        ("Involvement", "practitioner"): "({p})-[:BY]->({x}:Practitioner)",
        ("Service", "organisation"): "({p})-[:PART_OF]->({x}:Organisation)",
        ("Service", "practitioners"): "({p})<-[:WORKS_FOR]-({x}:Practitioner)",
        ("Service", "involvements"): "({p})<-[:AT]-({x}:Involvement)-[:OF]->({c}:Child)",
        ("Practitioner", "services"): "({p})-[:WORKS_FOR]->({x}:Service)",
        ("Practitioner", "caseload"): "({p})<-[:BY]-({x}:Involvement)-[:OF]->({c}:Child)",
        ("Organisation", "services"): "({p})<-[:PART_OF]-({x}:Service)",
        ("Account", "practitioner"): "({p})-[:BELONGS_TO]->({x}:Practitioner)",
        ("Account", "organisation"): "({p})-[:MEMBER_OF]->({x}:Organisation)",
    }
)
"""The pattern of each relation: p the parent, x the record, r the link, c and w its child and carer, v a via."""

ORDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Involvement": ("since DESC",),
        "Service": ("name",),
        "Practitioner": ("name",),
        "Organisation": ("name",),
        "Carer": ("familyName", "givenName"),
        "Child": ("familyName", "givenName"),
    }
)
"""The open fields that order a list of each type; ties are broken by id."""
