package directory.withhold.sensitive_test

import data.directory.fixtures_test as fixtures
import data.directory.withhold.sensitive

_involvement(kind, local, own) := {
	"type": "Involvement",
	"attributes": {"kind": kind, "shielding": "open", "local": local, "own": own},
}

_sealed := {"service": "SENSITIVE", "practitioner": "SENSITIVE", "consent": "SENSITIVE", "lead": "SENSITIVE"}

test_a_sensitive_service_is_not_named if {
	every name in ["social-worker", "shielding-officer"] {
		sensitive.withheld(_involvement("sensitive", "true", "false")) == _sealed with input as _by(name)
	}
}

test_the_practitioner_who_provides_it_sees_it_whole if {
	sensitive.withheld(_involvement("sensitive", "false", "true")) == {} with input as _by("social-worker")
}

test_the_childs_authoritys_management_team_sees_it_whole if {
	sensitive.withheld(_involvement("sensitive", "true", "false")) == {} with input as _by("management-team")
	sensitive.withheld(_involvement("sensitive", "false", "false")) == _sealed with input as _by("management-team")
}

test_ordinary_services_are_named if {
	every kind in ["universal", "additional"] {
		sensitive.withheld(_involvement(kind, "false", "false")) == {} with input as _by("social-worker")
	}
}

test_a_kind_the_policy_does_not_know_is_taken_for_sensitive if {
	sensitive.withheld(_involvement("x", "false", "false")) == _sealed with input as _by("social-worker")
}

test_what_has_no_kind_is_left_alone if {
	sensitive.withheld({"type": "Service", "attributes": {"own": "false"}}) == {} with input as _by("social-worker")
}

_by(role) := fixtures.ask([role], "safeguarding", {})
