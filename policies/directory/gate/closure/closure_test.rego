package directory.gate.closure_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.closure

test_open_access_passes if closure.refusals == set() with input as fixtures.good

test_access_not_known_to_be_open_is_refused if {
	closure.refusals == {"DIRECTORY_CLOSED"} with input as fixtures.without("/account/organisation")
	every value in [true, "false", 0, null] {
		given := fixtures.changed("/account/organisation/closed", value)
		closure.refusals == {"DIRECTORY_CLOSED"} with input as given
	}
}

test_a_closed_directory_can_be_reopened if {
	closed := fixtures.changed("/account/organisation/closed", true)
	closure.refusals == set() with input as fixtures.doing(closed, "reopen")
}

test_nothing_else_is_let_through if {
	closed := fixtures.changed("/account/organisation/closed", true)
	every action in ["close", "Reopen", "", null, true] {
		closure.refusals == {"DIRECTORY_CLOSED"} with input as fixtures.doing(closed, action)
	}
}
