# METADATA
# title: The schema is for those who build on it
# description: Caseworkers of partners, who compose it into their own, and data managers; nobody else, in any company
# custom:
#   requirement: design rule, suggest nothing to whoever need not know
package invariants.introspection

import data.directory.fixtures_test as fixtures

# METADATA
# description: A role that reads the schema and should not
broken contains {"role": role, "purpose": purpose} if {
	some role, _ in data.directory.roles
	some purpose, _ in data.directory.purposes
	answer := data.directory.decision.decision with input as fixtures.ask([role], purpose, {})
	not _fair(answer, role)
}

_fair(answer, _) if answer.capacity.schema == false

_fair(answer, role) if {
	answer.allowed
	role in {"data-manager", "partner-caseworker"}
}
