# METADATA
# title: Tie
# description: Some roles see a child's address only while they, or their organisation, work with her
# custom:
#   code: UNRELATED
#   requirement: design rule, relationship-based access for national partners
package directory.withhold.tie

import data.directory.classes
import data.directory.withhold.role

# METADATA
# description: For each class, the fields that need a tie and have none
withheld[ref] := {} if some ref in _passes

withheld[ref] := _closed[classes.known[ref]] if {
	some ref, _ in classes.sound
	not ref in _passes
}

_passes contains ref if {
	some ref, attributes in classes.sound
	attributes.tie in data.directory.ties.sufficient
}

_closed[type] := {field: "UNRELATED" |
	some field, name in definition.fields
	name in role.tied
} if {
	some type, definition in data.directory.vocabulary.types
}
