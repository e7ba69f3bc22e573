# METADATA
# title: Who provides a sensitive service is shown to its provider and the child's management team alone
# description: Everybody else learns that there is such a service and since when, and calls the brokering team
# custom:
#   requirement: 2007 regulations, regulation 6 and Part 4, sexual health, mental health and substance abuse
package invariants.sensitive

import data.invariants.space

# METADATA
# description: An open field that would name a sensitive service or its basis
broken contains cell if {
	some cell in space.open
	cell.attributes.kind == "sensitive"
	cell.attributes.own == "false"
	not _manages(cell)
	not cell.field in {"kind", "since", "until", "child"}
}

_manages(cell) if {
	cell.role == "management-team"
	cell.attributes.local == "true"
	cell.purpose in {"coordinate-services", "early-intervention", "identify-needs", "safeguarding", "subject-access"}
}
