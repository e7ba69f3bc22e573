# METADATA
# title: Signed agreement
# description: Each person signs that they will have regard for the guidance
# custom:
#   code: AGREEMENT_MISSING
#   requirement: 2007 Government response, users agree to have regard for the guidance
package directory.gate.agreement

import data.directory.calendar

# METADATA
# description: Whether the day of signing is known and reached
passes if calendar.reached(input.account.agreement_signed_on)

# METADATA
# description: The refusal, unless the check passes
refusals contains "AGREEMENT_MISSING" if not passes
