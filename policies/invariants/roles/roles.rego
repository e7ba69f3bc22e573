# METADATA
# title: Several roles open exactly what each of them opens
# description: No role gains by losing another one, and none opens in company what neither opens alone
# custom:
#   requirement: design rule, grants depend on the person through the capacity alone
package invariants.roles

import data.directory.fixtures_test as fixtures
import data.invariants.space

_subsets[purpose] contains roles if {
	some purpose, entry in data.directory.purposes
	some number in numbers.range(1, bits.lsh(1, count(entry.roles)) - 1)
	roles := [role | some i, role in entry.roles; bits.and(number, bits.lsh(1, i)) != 0]
	count(roles) > 1
}

# METADATA
# description: A class of which several roles open, or can search by, other fields than each of them does
broken contains {"roles": roles, "purpose": purpose, "class": ref, list: together, "each": apart} if {
	some purpose, subsets in _subsets
	some roles in subsets
	some ref, grant in fixtures.grants(roles, purpose)
	some list in ["open", "searchable"]
	together := {field | some field in grant[list]}
	apart := {field | some role in roles; some field in space.granted[[role, purpose]][ref][list]}
	together != apart
}
