package directory.withhold.tie_test

import data.directory.fixtures_test as fixtures
import data.directory.withhold.tie

_child(value) := {"type": "Child", "attributes": {"shielding": "open", "local": "false", "tie": value}}

test_a_partners_caseworker_without_a_tie_sees_no_address if {
	withheld := tie.withheld(_child("none")) with input as fixtures.ask(["partner-caseworker"], "safeguarding", {})
	withheld == {"address": "UNRELATED"}
}

test_an_own_or_an_organisations_tie_opens_it if {
	every value in ["organisation", "direct"] {
		withheld := tie.withheld(_child(value)) with input as fixtures.ask(["partner-caseworker"], "safeguarding", {})
		withheld == {}
	}
}

test_a_second_role_that_needs_no_tie_opens_it if {
	roles := ["partner-caseworker", "school-nurse"]
	withheld := tie.withheld(_child("none")) with input as fixtures.ask(roles, "safeguarding", {})
	withheld == {}
}

test_a_tie_the_policy_does_not_know_opens_nothing if {
	withheld := tie.withheld(_child("x")) with input as fixtures.ask(["partner-caseworker"], "safeguarding", {})
	withheld == {"address": "UNRELATED"}
}
