# METADATA
# title: Every question is answered
# description: |
#   A role with a purpose of its own is let in and told of every class; with any other it is refused and told why.
#   A question without an answer would stop the directory.
# custom:
#   requirement: design rule, one decision for one operation
package invariants.answers

import data.directory.fixtures_test as fixtures

# METADATA
# scope: document
# description: A role and purpose to which the policy says nothing, too little, or the wrong thing
broken contains {"role": role, "purpose": purpose} if {
	some role, _ in data.directory.roles
	some purpose, entry in data.directory.purposes
	role in entry.roles
	not _let_in(role, purpose)
}

broken contains {"role": role, "purpose": purpose} if {
	some role, _ in data.directory.roles
	some purpose, entry in data.directory.purposes
	not role in entry.roles
	not _refused(role, purpose)
}

_let_in(role, purpose) if {
	answer := data.directory.decision.decision with input as fixtures.ask([role], purpose, fixtures.every_class)
	answer.allowed
	answer.refusals == []
	answer.capacity == object.union(answer.capacity, {"roles": [role], "purpose": purpose})
	object.keys(answer.grants) == object.keys(fixtures.every_class)
	some grant in answer.grants
	grant.visible
}

_refused(role, purpose) if {
	answer := data.directory.decision.decision with input as fixtures.ask([role], purpose, fixtures.every_class)
	answer.refusals == ["PURPOSE_NOT_FOR_ROLE"]
	answer.capacity == {"roles": [], "purpose": purpose, "schema": false}
	answer == object.union(answer, {"allowed": false, "grants": {}})
}
