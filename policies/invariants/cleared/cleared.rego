# METADATA
# title: The management team sees what is hidden in its authority
# description: Somebody must be able to help a hidden family, and to broker contact with a sensitive service
# custom:
#   requirement: 2007 regulations, regulation 6, the authority decides on shielding and its staff run the system
package invariants.cleared

import data.invariants.space

# METADATA
# description: A field of a family of its authority that is closed to the management team, or hidden from an officer
broken contains cell if {
	some cell in space.closed
	space.cleared(cell)
	_theirs(cell)
}

_theirs(cell) if cell.role == "management-team"

_theirs(cell) if {
	cell.role == "shielding-officer"
	not cell.attributes.kind == "sensitive"
}
