package directory.gate.operation_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.operation

test_ordinary_access_passes if operation.refusals == set() with input as fixtures.good

test_those_who_may_close_and_reopen if {
	every action in ["close", "reopen"] {
		operation.refusals == set() with input as _asked("management-team", action)
		operation.refusals == set() with input as _asked("account-administrator", action)
	}
}

test_nobody_else_may if {
	every role in ["social-worker", "auditor", "unknown"] {
		operation.refusals == {"ACTION_NOT_FOR_ROLE"} with input as _asked(role, "close")
	}
}

test_an_unknown_operation_is_refused if {
	every action in ["open", "", null, true, {}] {
		operation.refusals == {"ACTION_NOT_FOR_ROLE"} with input as _asked("management-team", action)
	}
}

_asked(role, action) := fixtures.doing(fixtures.changed("/account/roles", [role]), action)
