# METADATA
# title: The most telling data belong to few roles
# description: |
#   Former names, addresses, carers' telephones and who cares for a child are kept from the roles that do not need
#   them. A role that is not written down here sees none of it.
# custom:
#   requirement: 2007 regulations, Schedule 3, who may see what
package invariants.sealed

import data.invariants.space

_readers := {
	"sealed": {"management-team", "shielding-officer", "data-manager"},
	"carer-contact": {"social-worker", "school-nurse", "management-team", "shielding-officer"},
	"address": (_practice | {"data-manager"}),
	"identity": (_practice | {"data-manager"}),
	"family": (_practice | {"data-manager"}),
	"area": (_practice | {"data-manager"}),
	"involvement": (_practice | {"data-manager"}),
}

_practice := {"social-worker", "school-nurse", "partner-caseworker", "management-team", "shielding-officer"}

_common := {
	"service", "service-contact", "practitioner", "practitioner-contact",
	"organisation", "organisation-contact", "account",
}

# METADATA
# description: A field that is open to a role that does not need its kind of data
broken contains cell if {
	some cell in space.open
	name := data.directory.vocabulary.types[cell.type].fields[cell.field]
	not name in _common
	not cell.role in object.get(_readers, name, set())
}
