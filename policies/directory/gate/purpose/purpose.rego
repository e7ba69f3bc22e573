# METADATA
# title: Known purpose
# description: Each access states a purpose from the list
# custom:
#   code: PURPOSE_UNKNOWN
#   requirement: design rule, purpose codes against mission creep
package directory.gate.purpose

import data.directory.capacity

# METADATA
# description: Whether the stated purpose is in the list
passes if capacity.purpose != ""

# METADATA
# description: The refusal, unless the check passes
refusals contains "PURPOSE_UNKNOWN" if not passes
