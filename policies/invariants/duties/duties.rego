# METADATA
# title: Each role sees the kinds of data that its work needs
# description: |
#   For each of its purposes, of some record. Too little is a mistake too: a child whom nobody can reach is not safe.
#   That no role sees too much is said by the other invariants.
# custom:
#   requirement: 2007 regulations, Schedule 3, who may see what
package invariants.duties

import data.invariants.space

_needs := {
	"social-worker": {
		"identity", "address", "area", "family", "carer-contact", "involvement", "service",
		"service-contact", "practitioner", "practitioner-contact", "organisation",
		"organisation-contact", "account",
	},
	"school-nurse": {
		"identity", "address", "area", "family", "carer-contact", "involvement", "service",
		"service-contact", "practitioner", "practitioner-contact", "organisation",
		"organisation-contact", "account",
	},
	"partner-caseworker": {
		"identity", "area", "family", "involvement", "service", "service-contact", "practitioner",
		"practitioner-contact", "organisation", "organisation-contact", "account", "address",
	},
	"management-team": {
		"identity", "sealed", "address", "area", "family", "carer-contact", "involvement", "service",
		"service-contact", "practitioner", "practitioner-contact", "organisation",
		"organisation-contact", "account",
	},
	"shielding-officer": {
		"identity", "sealed", "address", "area", "family", "carer-contact", "involvement", "service",
		"service-contact", "practitioner", "practitioner-contact", "organisation",
		"organisation-contact", "account",
	},
	"data-manager": {
		"identity", "sealed", "address", "area", "family", "involvement", "service", "service-contact",
		"practitioner", "practitioner-contact", "organisation", "organisation-contact", "account",
	},
	"account-administrator": {
		"service", "practitioner", "organisation", "account",
	},
	"auditor": {
		"service", "practitioner", "organisation", "account",
	},
}

_seen[[cell.role, cell.purpose]] contains data.directory.vocabulary.types[cell.type].fields[cell.field] if {
	some cell in space.open
}

# METADATA
# description: A role and purpose, with the kinds of data that it should see and does not
broken contains {"role": role, "purpose": purpose, "less": less} if {
	some purpose, entry in data.directory.purposes
	some role in entry.roles
	less := object.get(_needs, role, set()) - object.get(_seen, [[role, purpose]], set())
	less != set()
}
