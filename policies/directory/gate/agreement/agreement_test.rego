package directory.gate.agreement_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.agreement

test_a_signed_agreement_passes if agreement.refusals == set() with input as fixtures.good

test_an_agreement_still_to_be_signed_is_refused if {
	question := fixtures.changed("/account/agreement_signed_on", "2026-07-01")
	agreement.refusals == {"AGREEMENT_MISSING"} with input as question
}

test_no_known_agreement_is_refused if {
	agreement.refusals == {"AGREEMENT_MISSING"} with input as fixtures.without("/account/agreement_signed_on")
	every value in fixtures.wrong {
		agreement.refusals == {"AGREEMENT_MISSING"} with input as fixtures.changed("/account/agreement_signed_on", value)
	}
}
