# METADATA
# title: Reason given
# description: The reason is entered at each access; policy learns only that one was given
# custom:
#   code: REASON_REQUIRED
#   requirement: 2007 Government response, a reason is entered each time a record is accessed
package directory.gate.reason

# METADATA
# description: Whether a reason is known to be given
passes if input.access.reason_given == true

# METADATA
# description: The refusal, unless the check passes
refusals contains "REASON_REQUIRED" if not passes
