# METADATA
# title: Known role
# description: The account holds at least one role that the policy knows
# custom:
#   code: NO_ROLE
#   requirement: 2007 regulations, who may be given access
package directory.gate.role

import data.directory.capacity

# METADATA
# description: NO_ROLE, if no role of the account is known
refusals contains "NO_ROLE" if count(capacity.known) == 0
