# METADATA
# title: Tie
# description: Some roles see a child's address only while they, or their organisation, work with her
# custom:
#   code: UNRELATED
#   requirement: design rule, relationship-based access for national partners
package directory.withhold.tie

import data.directory.withhold.role

# METADATA
# scope: document
# description: The fields of a class that need a tie and have none
withheld(class) := {} if _suffices(class.attributes)

withheld(class) := _closed[class.type] if not _suffices(class.attributes)

_suffices(attributes) if attributes.tie in data.directory.ties.sufficient

_closed[type] := {field: "UNRELATED" |
	some field, name in definition.fields
	name in role.tied
} if {
	some type, definition in data.directory.vocabulary.types
}
