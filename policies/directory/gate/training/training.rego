# METADATA
# title: Training
# description: Access is given only after mandatory training
# custom:
#   code: TRAINING_LAPSED
#   requirement: 2007 Government response, access only after completing mandatory training
package directory.gate.training

import data.directory.calendar

# METADATA
# description: Whether the training day is known and reached
passes if calendar.reached(input.account.trained_on)

# METADATA
# description: The refusal, unless the check passes
refusals contains "TRAINING_LAPSED" if not passes
