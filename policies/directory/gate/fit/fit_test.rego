package directory.gate.fit_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.fit

test_a_purpose_of_the_role_passes if fit.refusals == set() with input as fixtures.good

test_one_fitting_role_of_several_is_enough if {
	fit.refusals == set() with input as fixtures.changed("/account/roles", ["auditor", "social-worker"])
}

test_a_purpose_of_other_roles_is_refused if {
	fit.refusals == {"PURPOSE_NOT_FOR_ROLE"} with input as fixtures.ask(["social-worker"], "subject-access", {})
	fit.refusals == {"PURPOSE_NOT_FOR_ROLE"} with input as fixtures.ask(["auditor"], "safeguarding", {})
}

test_an_unknown_purpose_or_role_is_left_to_its_own_check if {
	fit.refusals == set() with input as fixtures.ask(["social-worker"], "x", {})
	fit.refusals == set() with input as fixtures.ask(["x"], "safeguarding", {})
}
