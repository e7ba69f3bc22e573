# METADATA
# title: Known role
# description: The account holds at least one role that the policy knows and that its organisation may give
# custom:
#   code: NO_ROLE
#   requirement: 2007 regulations, who may be given access
package directory.gate.role

import data.directory.capacity

# METADATA
# description: Whether a role of the account is known
passes if capacity.known != set()

# METADATA
# description: The refusal, unless the check passes
refusals contains "NO_ROLE" if not passes
