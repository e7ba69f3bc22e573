# METADATA
# title: Role
# description: A role opens data classes; what no effective role opens is withheld, as is a field without a data class
# custom:
#   code: ROLE
#   requirement: 2007 regulations, Schedule 3, who may see what
package directory.withhold.role

import data.directory.capacity

# METADATA
# description: The data classes that the effective roles open whatever the tie
always contains name if {
	some role in capacity.roles
	some name in data.directory.roles[role].always
}

# METADATA
# description: The data classes that the effective roles open only with a tie to the child
tied contains name if {
	some role in capacity.roles
	some name in data.directory.roles[role].tied
	not name in always
}

# METADATA
# description: The fields of a type that no effective role opens
withheld(type) := _closed[type]

_closed[type] := {field: "ROLE" |
	some field, name in definition.fields
	not name in always
	not name in tied
} if {
	some type, definition in data.directory.vocabulary.types
}
