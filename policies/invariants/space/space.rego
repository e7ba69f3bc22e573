# METADATA
# title: Decision space
# description: |
#   Every role with every purpose, and what it is granted of every class: what the invariants speak of.
#   Several roles at once open what each of them opens (`invariants.roles`), so one role at a time is enough.
package invariants.space

import data.directory.fixtures_test as fixtures

# METADATA
# description: What each role with each purpose is granted of every class; nothing where it is refused
granted[[role, purpose]] := fixtures.grants([role], purpose) if {
	some role, _ in data.directory.roles
	some purpose, _ in data.directory.purposes
}

# METADATA
# description: Every field that is open, with who sees it of which class
open contains _cell(role, purpose, ref, field) if {
	some [role, purpose], grants in granted
	some ref, grant in grants
	some field in grant.open
}

# METADATA
# description: Every field that is not open to somebody who is let in, with whom it is kept from and of which class
closed contains _cell(role, purpose, ref, field) if {
	some [role, purpose], grants in granted
	some ref, grant in grants
	some field, _ in data.directory.vocabulary.types[fixtures.every_class[ref].type].fields
	not field in grant.open
}

# METADATA
# description: |
#   Whether policy means this person to see hidden records of this class: officers of the child's own authority,
#   for three purposes. Written out here, not read from the tables that it judges.
cleared(cell) if {
	cell.attributes.local == "true"
	cell.role in {"management-team", "shielding-officer"}
	cell.purpose in {"coordinate-services", "identify-needs", "safeguarding"}
}

_cell(role, purpose, ref, field) := {
	"role": role,
	"purpose": purpose,
	"type": fixtures.every_class[ref].type,
	"attributes": fixtures.every_class[ref].attributes,
	"field": field,
}
