# METADATA
# title: Vetting
# description: Enhanced vetting less than three years old, or its equivalent for the police
# custom:
#   code: VETTING_LAPSED
#   requirement: 2007 Government response, enhanced certificate less than three years old or equivalent
package directory.gate.vetting

import data.directory.calendar

# METADATA
# description: VETTING_LAPSED, unless a known kind of vetting still holds today
refusals contains "VETTING_LAPSED" if not _holds

_holds if calendar.within(input.account.vetted_on, data.directory.vetting.years[input.account.vetting])
