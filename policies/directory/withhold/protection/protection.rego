# METADATA
# title: Protection
# description: |
#   A child who shares a carer with a shielded child, and that carer, would tell where she lives:
#   their addresses, and the involvements that place them, are withheld. One's own involvement stays.
# custom:
#   code: PROTECTED
#   requirement: design rule 3, protection follows links that are themselves open
package directory.withhold.protection

import data.directory.classes
import data.directory.clearance

# METADATA
# description: For each class, the fields that would place a shielded child's family
withheld[ref] := {} if some ref in _passes

withheld[ref] := _closed[classes.known[ref]] if {
	some ref, _ in classes.sound
	not ref in _passes
	not ref in _places
}

withheld[ref] := _all[classes.known[ref]] if {
	some ref in _places
	not ref in _passes
}

_passes contains ref if {
	some ref, attributes in classes.sound
	not attributes.shielding
}

_passes contains ref if {
	some ref, attributes in classes.sound
	attributes.shielding in {"open", "shielded"}
}

_passes contains ref if some ref in clearance.covers.shielding

_places contains ref if {
	some ref, attributes in classes.sound
	attributes.own == "false"
	attributes.kind in data.directory.shielding.protected_kinds
}

_closed[type] := {field: "PROTECTED" |
	some field, _ in definition.fields
	not field in shown
} if {
	some type, definition in data.directory.vocabulary.types
	shown := object.get(data.directory.shielding.protected_open, type, [])
	is_array(data.directory.shielding.protected_kinds)
}

_all[type] := {field: "PROTECTED" | some field, _ in definition.fields} if {
	some type, definition in data.directory.vocabulary.types
}
