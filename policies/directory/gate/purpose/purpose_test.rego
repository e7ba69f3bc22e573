package directory.gate.purpose_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.purpose

test_each_purpose_in_the_list_passes if {
	every name, _ in data.directory.purposes {
		purpose.refusals == set() with input as fixtures.changed("/access/purpose", name)
	}
}

test_any_other_purpose_is_refused if {
	purpose.refusals == {"PURPOSE_UNKNOWN"} with input as fixtures.without("/access/purpose")
	every value in fixtures.wrong {
		purpose.refusals == {"PURPOSE_UNKNOWN"} with input as fixtures.changed("/access/purpose", value)
	}
}
