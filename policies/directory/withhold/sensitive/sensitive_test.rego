package directory.withhold.sensitive_test

import data.directory.fixtures_test as fixtures
import data.directory.withhold.sensitive

_involvement(kind, local, own) := {
	"type": "Involvement",
	"attributes": {"kind": kind, "shielding": "open", "local": local, "own": own},
}

_protected(own) := {
	"type": "Involvement",
	"attributes": {"kind": "sensitive", "shielding": "protected", "local": "true", "own": own},
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

test_of_a_protected_child_it_is_named_only_where_a_shield_is_lifted if {
	every purpose in ["coordinate-services", "identify-needs", "safeguarding"] {
		sensitive.withheld(_protected("false")) == {} with input as fixtures.ask(["management-team"], purpose, {})
	}
	every purpose in ["early-intervention", "subject-access"] {
		sensitive.withheld(_protected("false")) == _sealed with input as fixtures.ask(["management-team"], purpose, {})
	}
}

test_of_a_protected_child_ones_own_stays if {
	sensitive.withheld(_protected("true")) == {} with input as fixtures.ask(["management-team"], "subject-access", {})
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
