# METADATA
# title: Training
# description: Access is given only after mandatory training
# custom:
#   code: TRAINING_LAPSED
#   requirement: 2007 Government response, access only after completing mandatory training
package directory.gate.training

import data.directory.calendar

# METADATA
# description: TRAINING_LAPSED, unless the training day is known and reached
refusals contains "TRAINING_LAPSED" if not calendar.reached(input.account.trained_on)
