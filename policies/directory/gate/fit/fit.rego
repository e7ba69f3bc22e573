# METADATA
# title: Purpose fits a role
# description: A role is used for its own purposes only
# custom:
#   code: PURPOSE_NOT_FOR_ROLE
#   requirement: 2007 Government response, accessing records inappropriately is misuse
package directory.gate.fit

import data.directory.capacity

# METADATA
# description: Whether a known role may act for the stated purpose
passes if capacity.roles != set()

# METADATA
# description: The refusal, where purpose and roles are known and do not fit
refusals contains "PURPOSE_NOT_FOR_ROLE" if {
	not passes
	capacity.purpose != ""
	capacity.known != set()
}
