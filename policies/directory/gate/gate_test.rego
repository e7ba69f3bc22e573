package directory.gate_test

import data.directory.fixtures_test as fixtures
import data.directory.gate

test_an_account_in_good_standing_passes if {
	gate.passes with input as fixtures.good
	gate.refusals == set() with input as fixtures.good
}

test_every_failed_check_is_named if {
	gate.refusals == {
		"ACCOUNT_SUSPENDED",
		"AGREEMENT_MISSING",
		"DIRECTORY_CLOSED",
		"NO_ROLE",
		"ORGANISATION_NOT_ACCREDITED",
		"PURPOSE_UNKNOWN",
		"REASON_REQUIRED",
		"TRAINING_LAPSED",
		"VETTING_LAPSED",
	} with input as {}
}

test_the_gate_passes_only_when_nothing_is_refused if {
	paths := [
		"/account", "/account/roles", "/account/suspended", "/account/trained_on", "/account/vetted_on",
		"/account/vetting", "/account/agreement_signed_on", "/account/organisation", "/access",
		"/access/purpose", "/access/reason_given", "/today",
	]
	every path in paths {
		not gate.passes with input as fixtures.without(path)
		gate.refusals != set() with input as fixtures.without(path)
	}
}

test_a_check_that_does_not_pass_closes_the_gate if {
	not gate.passes with input as fixtures.good with gate.account.passes as false
	not gate.passes with input as fixtures.good with gate.accreditation.passes as false
	not gate.passes with input as fixtures.good with gate.agreement.passes as false
	not gate.passes with input as fixtures.good with gate.closure.passes as false
	not gate.passes with input as fixtures.good with gate.fit.passes as false
	not gate.passes with input as fixtures.good with gate.operation.passes as false
	not gate.passes with input as fixtures.good with gate.purpose.passes as false
	not gate.passes with input as fixtures.good with gate.reason.passes as false
	not gate.passes with input as fixtures.good with gate.role.passes as false
	not gate.passes with input as fixtures.good with gate.training.passes as false
	not gate.passes with input as fixtures.good with gate.vetting.passes as false
}
