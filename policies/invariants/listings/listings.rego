# METADATA
# title: Nobody browses the register
# description: The children of a service or of a practitioner are listed for those who are meant themselves alone
# custom:
#   requirement: design rule, no browsing and no bulk export
package invariants.listings

import data.invariants.space

# METADATA
# description: A list of children that is open to somebody else
broken contains cell if {
	some cell in space.open
	[cell.type, cell.field] in {["Service", "involvements"], ["Practitioner", "caseload"]}
	cell.attributes.own != "true"
}
