# METADATA
# title: Protection
# description: |
#   A child who shares a carer with a shielded child, and that carer, would tell where she lives:
#   their addresses, and the involvements that place them, are withheld. One's own involvement stays.
# custom:
#   code: PROTECTED
#   requirement: design rule 3, protection follows links that are themselves open
package directory.withhold.protection

import data.directory.clearance

# METADATA
# scope: document
# description: The fields of a class that would place a shielded child's family
withheld(class) := {} if _passes(class.attributes)

withheld(class) := _closed[class.type] if {
	not _passes(class.attributes)
	not _places(class.attributes)
}

withheld(class) := _all[class.type] if {
	not _passes(class.attributes)
	_places(class.attributes)
}

_passes(attributes) if not attributes.shielding

_passes(attributes) if attributes.shielding in {"open", "shielded"}

_passes(attributes) if clearance.covers("shielding", attributes)

_places(attributes) if {
	attributes.own == "false"
	attributes.kind in data.directory.shielding.protected_kinds
}

_closed[type] := {field: "PROTECTED" |
	some field, _ in definition.fields
	not field in shown
} if {
	is_array(data.directory.shielding.protected_kinds)
	some type, definition in data.directory.vocabulary.types
	shown := object.get(data.directory.shielding.protected_open, type, [])
}

_all[type] := {field: "PROTECTED" | some field, _ in definition.fields} if {
	some type, definition in data.directory.vocabulary.types
}
