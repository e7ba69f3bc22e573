# METADATA
# title: Clearance
# description: |
#   Officers of the child's own authority see what is withheld from others, for the purposes that need it.
#   Where a protected child is linked to shielded ones, all their authorities must be the officer's.
# custom:
#   requirement: 2007 regulations, regulation 6, the authority decides on shielding and its staff run the system
package directory.clearance

import data.directory.capacity

# METADATA
# description: Whether the capacity holds the named clearance, and the class is of its own authority
covers(name, attributes) if {
	attributes.local == "true"
	name in _held
}

_held contains name if {
	some name, table in data.directory.clearances
	capacity.purpose in table.purposes
	some role in capacity.roles
	role in table.roles
}
