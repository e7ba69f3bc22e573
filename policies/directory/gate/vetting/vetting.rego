# METADATA
# title: Vetting
# description: Enhanced vetting less than three years old, or its equivalent for the police
# custom:
#   code: VETTING_LAPSED
#   requirement: 2007 Government response, enhanced certificate less than three years old or equivalent
package directory.gate.vetting

import data.directory.calendar

# METADATA
# description: Whether a known kind of vetting still holds today
passes if calendar.within(input.account.vetted_on, data.directory.vetting.years[input.account.vetting])

# METADATA
# description: The refusal, unless the check passes
refusals contains "VETTING_LAPSED" if not passes
