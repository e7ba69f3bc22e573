# METADATA
# title: Reason given
# description: The reason is entered at each access; policy learns only that one was given
# custom:
#   code: REASON_REQUIRED
#   requirement: 2007 Government response, a reason is entered each time a record is accessed
package directory.gate.reason

# METADATA
# description: REASON_REQUIRED, unless a reason is known to be given
refusals contains "REASON_REQUIRED" if not input.access.reason_given == true
