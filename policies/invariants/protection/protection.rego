# METADATA
# title: A protected record tells nobody who is not cleared where the family is
# description: |
#   No address, no telephone, no authority, no involvement that places the family but one's own,
#   and of a sensitive one no provider
# custom:
#   requirement: design rule 3, protection follows links that are themselves open
package invariants.protection

import data.invariants.space

# METADATA
# description: An open field that places a protected family
broken contains cell if {
	some cell in space.open
	cell.attributes.shielding == "protected"
	not space.cleared(cell)
	_places(cell)
}

_places(cell) if cell.field in {"address", "phone", "authority"}

_places(cell) if {
	cell.type == "Involvement"
	cell.attributes.own == "false"
	cell.attributes.kind in {"universal", "additional"}
}

_places(cell) if {
	cell.type == "Involvement"
	cell.attributes.own == "false"
	cell.field in {"service", "practitioner", "consent", "lead"}
}
