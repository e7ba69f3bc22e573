# METADATA
# title: Open directory
# description: Neither the directory nor the organisation's or its authority's access is closed in an emergency
# custom:
#   code: DIRECTORY_CLOSED
#   requirement: an emergency closes access at once; whoever may reopen it must still be let through to do that
package directory.gate.closure

# METADATA
# scope: document
# description: Whether access is known to be open, or is being reopened
passes if input.account.organisation.closed == false

passes if input.access.action == "reopen"

# METADATA
# description: The refusal, unless the check passes
refusals contains "DIRECTORY_CLOSED" if not passes
