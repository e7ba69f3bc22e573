# METADATA
# title: Clearance
# description: |
#   Officers of the child's own authority see what is withheld from others, for the purposes that need it.
#   Where a protected child is linked to shielded ones, all their authorities must be the officer's.
# custom:
#   requirement: 2007 regulations, regulation 6, the authority decides on shielding and its staff run the system
package directory.clearance

# METADATA
# description: For each clearance that the capacity holds, the classes that it covers
covers[name] contains ref if {
	some name in _held
	some ref, attributes in data.directory.classes.sound
	attributes.local == "true"
}

_held contains name if {
	some name, table in data.directory.clearances
	data.directory.capacity.purpose in table.purposes
	some role in data.directory.capacity.roles
	role in table.roles
}
