package directory.gate.reason_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.reason

test_a_given_reason_passes if reason.refusals == set() with input as fixtures.good

test_an_access_without_a_reason_is_refused if {
	reason.refusals == {"REASON_REQUIRED"} with input as fixtures.without("/access/reason_given")
	every value in [false, "true", 1, null] {
		reason.refusals == {"REASON_REQUIRED"} with input as fixtures.changed("/access/reason_given", value)
	}
}
