# METADATA
# title: What is hidden is not found
# description: A search matches open fields of children alone, and of a shielded child what everybody sees of her
# custom:
#   requirement: design rule 5, every predicate must be open for the record's class
package invariants.search

import data.directory.fixtures_test as fixtures
import data.invariants.space

_shows := {
	"givenName": "givenName",
	"familyName": "familyName",
	"formerNames": "formerNames",
	"dateOfBirth": "dateOfBirth",
	"postcode": "address",
}

# METADATA
# description: A search field of a class whose field is not open, or by which nobody may search
broken contains {"role": role, "purpose": purpose, "class": ref, "search": name} if {
	some [role, purpose], grants in space.granted
	some ref, grant in grants
	some name in grant.searchable
	not _fair(fixtures.every_class[ref].type, name, grant.open)
}

_fair(type, name, open) if {
	type == "Child"
	_shows[name] in open
}
