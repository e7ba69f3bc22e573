# METADATA
# title: An emergency is ended by the roles that may end it, and only they act while it lasts
# description: |
#   Account administrators and the management team close and reopen; a closed directory answers nothing but a request
#   to reopen it.
# custom:
#   requirement: an emergency closes access at once; whoever may reopen it must still be let through to do that
package invariants.actions

import data.directory.fixtures_test as fixtures

_acting := {"account-administrator", "management-team"}

# METADATA
# description: An action that a role may take and should not, or should take and may not
broken contains {"role": role, "purpose": purpose, "closed": closed, "action": action} if {
	some purpose, entry in data.directory.purposes
	some role in entry.roles
	some closed in [false, true]
	some action in ["close", "reopen"]
	asked := json.patch(
		fixtures.doing(fixtures.ask([role], purpose, {}), action),
		[{"op": "add", "path": "/account/organisation/closed", "value": closed}],
	)
	not _answered(asked, _may(role, closed, action))
}

_answered(question, allowed) if {
	answer := data.directory.decision.decision with input as question
	answer.allowed == allowed
}

default _may(_, _, _) := false

_may(role, false, _) if role in _acting

_may(role, true, "reopen") if role in _acting
