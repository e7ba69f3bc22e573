# METADATA
# title: Purpose fits a role
# description: A role is used for its own purposes only
# custom:
#   code: PURPOSE_NOT_FOR_ROLE
#   requirement: 2007 Government response, accessing records inappropriately is misuse
package directory.gate.fit

import data.directory.capacity

# METADATA
# description: PURPOSE_NOT_FOR_ROLE, if the purpose and the roles are known but do not fit
refusals contains "PURPOSE_NOT_FOR_ROLE" if {
	capacity.purpose != ""
	count(capacity.known) > 0
	count(capacity.roles) == 0
}
