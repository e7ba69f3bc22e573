package directory.gate.account_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.account

test_an_account_in_force_passes if account.refusals == set() with input as fixtures.good

test_a_suspended_account_is_refused if {
	account.refusals == {"ACCOUNT_SUSPENDED"} with input as fixtures.changed("/account/suspended", true)
}

test_an_account_not_known_to_be_in_force_is_refused if {
	account.refusals == {"ACCOUNT_SUSPENDED"} with input as fixtures.without("/account/suspended")
	every value in ["false", null, 0, ""] {
		account.refusals == {"ACCOUNT_SUSPENDED"} with input as fixtures.changed("/account/suspended", value)
	}
}
