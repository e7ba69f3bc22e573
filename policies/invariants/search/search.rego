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

_enough := {
	{"familyName", "dateOfBirth"},
	{"familyName", "postcode"},
	{"givenName", "dateOfBirth", "postcode"},
}

# METADATA
# scope: document
# description: A search field of a class whose field is not open, or a search by too little or for too many
broken contains {"role": role, "purpose": purpose, "class": ref, "search": name} if {
	some [role, purpose], grants in space.granted
	some ref, grant in grants
	some name in grant.searchable
	not _fair(fixtures.every_class[ref].type, name, grant.open)
}

broken contains {"field": "combinations", "asks for": given} if {
	given := {{name | some name in combination} | some combination in data.directory.search.combinations}
	given != _enough
}

broken contains {"field": "candidates", "shows": data.directory.search.candidates} if {
	data.directory.search.candidates != 5
}

_fair(type, name, open) if {
	type == "Child"
	_shows[name] in open
}
