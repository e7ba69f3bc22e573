# METADATA
# title: Shield
# description: A shielded record shows the child's name, date of birth, number and carers' names, and nothing more
# custom:
#   code: SHIELDED
#   requirement: 2007 Government response, what a shielded record shows
package directory.withhold.shield

import data.directory.classes
import data.directory.clearance

# METADATA
# description: For each class, the fields that a shielded record does not show
withheld[ref] := {} if some ref in _passes

withheld[ref] := _closed[classes.known[ref]] if {
	some ref, _ in classes.sound
	not ref in _passes
}

_passes contains ref if {
	some ref, attributes in classes.sound
	not attributes.shielding
}

_passes contains ref if {
	some ref, attributes in classes.sound
	attributes.shielding in {"open", "protected"}
}

_passes contains ref if some ref in clearance.covers.shielding

_closed[type] := {field: "SHIELDED" |
	some field, _ in definition.fields
	not field in shown
} if {
	some type, definition in data.directory.vocabulary.types
	shown := object.get(data.directory.shielding.shielded_open, type, [])
}
