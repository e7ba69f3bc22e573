package directory.gate.vetting_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.vetting

test_vetting_under_three_years_old_passes if {
	vetting.refusals == set() with input as fixtures.changed("/account/vetted_on", "2023-07-01")
}

test_vetting_of_three_years_is_refused if {
	vetting.refusals == {"VETTING_LAPSED"} with input as fixtures.changed("/account/vetted_on", "2023-06-30")
}

test_the_equivalent_for_the_police_passes if {
	vetting.refusals == set() with input as fixtures.changed("/account/vetting", "police")
}

test_a_day_without_a_known_kind_is_refused if {
	vetting.refusals == {"VETTING_LAPSED"} with input as fixtures.without("/account/vetting")
	every value in fixtures.wrong {
		vetting.refusals == {"VETTING_LAPSED"} with input as fixtures.changed("/account/vetting", value)
	}
}

test_a_kind_without_a_day_is_refused if {
	vetting.refusals == {"VETTING_LAPSED"} with input as fixtures.without("/account/vetted_on")
	every value in fixtures.wrong {
		vetting.refusals == {"VETTING_LAPSED"} with input as fixtures.changed("/account/vetted_on", value)
	}
}

test_the_equivalent_for_the_police_lapses_too if {
	police := fixtures.changed("/account/vetting", "police")
	vetted := json.patch(police, [{"op": "replace", "path": "/account/vetted_on", "value": "2023-06-30"}])
	vetting.refusals == {"VETTING_LAPSED"} with input as vetted
}
