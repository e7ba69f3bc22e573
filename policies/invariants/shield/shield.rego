# METADATA
# title: A shielded record shows these few fields to anybody who is not cleared
# description: Name, date of birth, number, and that there are carers; nothing that tells where the child is
# custom:
#   requirement: 2007 Government response, what a shielded record shows
package invariants.shield

import data.invariants.space

_shown := {
	"Child": {"number", "givenName", "familyName", "dateOfBirth", "carers"},
	"Care": {"child", "carer"},
	"Involvement": set(),
}

# METADATA
# description: An open field of a shielded record that is not among them
broken contains cell if {
	some cell in space.open
	cell.attributes.shielding == "shielded"
	not space.cleared(cell)
	not cell.field in _shown[cell.type]
}
