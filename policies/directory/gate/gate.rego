# METADATA
# title: Gate
# description: May this person, with this purpose, do anything today. Every failed check is named.
# custom:
#   requirement: 2007 Government response, arrangements against unauthorised access and misuse
package directory.gate

import data.directory.gate.account
import data.directory.gate.accreditation
import data.directory.gate.agreement
import data.directory.gate.closure
import data.directory.gate.fit
import data.directory.gate.operation
import data.directory.gate.purpose
import data.directory.gate.reason
import data.directory.gate.role
import data.directory.gate.training
import data.directory.gate.vetting

# METADATA
# description: The codes of all failed checks
refusals := union({
	account.refusals,
	accreditation.refusals,
	agreement.refusals,
	closure.refusals,
	fit.refusals,
	operation.refusals,
	purpose.refusals,
	reason.refusals,
	role.refusals,
	training.refusals,
	vetting.refusals,
})

# METADATA
# description: Whether all checks pass; told from the passes, not from the want of refusals
passes if {
	account.passes
	accreditation.passes
	agreement.passes
	closure.passes
	fit.passes
	operation.passes
	purpose.passes
	reason.passes
	role.passes
	training.passes
	vetting.passes
}
