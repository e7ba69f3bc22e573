package directory.gate.role_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.role

test_each_known_role_passes if {
	every name, _ in data.directory.roles {
		role.refusals == set() with input as fixtures.changed("/account/roles", [name])
	}
}

test_an_account_without_a_known_role_is_refused if {
	role.refusals == {"NO_ROLE"} with input as fixtures.without("/account/roles")
	every value in array.concat(fixtures.wrong, [["x"], "auditor", {"auditor": "auditor"}]) {
		role.refusals == {"NO_ROLE"} with input as fixtures.changed("/account/roles", value)
	}
}
