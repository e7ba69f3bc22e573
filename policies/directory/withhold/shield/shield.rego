# METADATA
# title: Shield
# description: A shielded record shows the child's name, date of birth, number and carers' names, and nothing more
# custom:
#   code: SHIELDED
#   requirement: 2007 Government response, what a shielded record shows
package directory.withhold.shield

import data.directory.clearance

# METADATA
# scope: document
# description: The fields of a class that a shielded record does not show
withheld(class) := {} if _passes(class.attributes)

withheld(class) := _closed[class.type] if not _passes(class.attributes)

_passes(attributes) if not attributes.shielding

_passes(attributes) if attributes.shielding in {"open", "protected"}

_passes(attributes) if clearance.covers("shielding", attributes)

_closed[type] := {field: "SHIELDED" |
	some field, _ in definition.fields
	not field in shown
} if {
	some type, definition in data.directory.vocabulary.types
	shown := object.get(data.directory.shielding.shielded_open, type, [])
}
