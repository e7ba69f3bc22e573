# METADATA
# title: Known purpose
# description: Each access states a purpose from the list
# custom:
#   code: PURPOSE_UNKNOWN
#   requirement: design rule, purpose codes against mission creep
package directory.gate.purpose

import data.directory.capacity

# METADATA
# description: PURPOSE_UNKNOWN, unless the stated purpose is in the list
refusals contains "PURPOSE_UNKNOWN" if capacity.purpose == ""
