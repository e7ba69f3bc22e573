# METADATA
# title: Who reviews, or manages accounts, sees no child
# description: Nor does anybody for the purpose of review
# custom:
#   requirement: 2007 Government response, arrangements against unauthorised access and misuse
package invariants.reviewers

import data.invariants.space

# METADATA
# description: A field of a child's record that is open to a reviewer
broken contains cell if {
	some cell in space.open
	cell.type in {"Child", "Care", "Carer", "Involvement"}
	_reviews(cell)
}

_reviews(cell) if cell.role in {"account-administrator", "auditor"}

_reviews(cell) if cell.purpose == "audit-review"
