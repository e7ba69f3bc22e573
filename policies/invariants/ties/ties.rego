# METADATA
# title: A national partner sees a child's address only while it works with her
# description: Without a tie that is current there is none
# custom:
#   requirement: design rule, relationship-based access for national partners
package invariants.ties

import data.invariants.space

# METADATA
# description: An address that is open to a national partner without a tie
broken contains cell if {
	some cell in space.open
	cell.role == "partner-caseworker"
	cell.field == "address"
	not cell.attributes.tie in {"organisation", "direct"}
}
