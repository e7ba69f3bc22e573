# METADATA
# title: Operation for the role
# description: Closing access in an emergency, and reopening it, belong to some roles
# custom:
#   code: ACTION_NOT_FOR_ROLE
#   requirement: an emergency closes access at once, and reopening it takes two people of these roles
package directory.gate.operation

# METADATA
# scope: document
# description: Whether no operation is asked for, or one that a role may do
passes if not _stated

passes if {
	input.access.action in {"close", "reopen"}
	some role in input.account.roles
	role in data.directory.closures.roles
}

# METADATA
# description: The refusal, unless the check passes
refusals contains "ACTION_NOT_FOR_ROLE" if not passes

_stated if "action" in object.keys(input.access)
