package directory.clearance_test

import data.directory.clearance
import data.directory.fixtures_test as fixtures

_local := {"shielding": "shielded", "local": "true"}

_elsewhere := {"shielding": "shielded", "local": "false"}

test_officers_of_the_childs_authority_are_cleared if {
	every role in ["management-team", "shielding-officer"] {
		clearance.covers("shielding", _local) with input as fixtures.ask([role], "safeguarding", {})
	}
}

test_officers_of_another_authority_are_not if {
	every role in ["management-team", "shielding-officer"] {
		not clearance.covers("shielding", _elsewhere) with input as fixtures.ask([role], "safeguarding", {})
	}
}

test_other_roles_are_not_cleared if {
	every role in object.keys(data.directory.roles) - {"management-team", "shielding-officer"} {
		every purpose, _ in data.directory.purposes {
			not clearance.covers("shielding", _local) with input as fixtures.ask([role], purpose, {})
		}
	}
}

test_a_subject_access_request_clears_no_shield if {
	not clearance.covers("shielding", _local) with input as fixtures.ask(["management-team"], "subject-access", {})
}

test_only_the_management_team_is_cleared_for_sensitive_services if {
	clearance.covers("sensitive", _local) with input as fixtures.ask(["management-team"], "safeguarding", {})
	not clearance.covers("sensitive", _local) with input as fixtures.ask(["shielding-officer"], "safeguarding", {})
}

test_an_unknown_clearance_covers_nothing if {
	not clearance.covers("x", _local) with input as fixtures.ask(["management-team"], "safeguarding", {})
}

test_a_class_without_an_authority_is_not_covered if {
	not clearance.covers("shielding", {"own": "true"}) with input as fixtures.ask(["management-team"], "safeguarding", {})
}

test_the_management_team_is_cleared_for_sensitive_services_for_all_its_purposes if {
	every purpose, entry in data.directory.purposes {
		asked := fixtures.ask(["management-team"], purpose, {})
		cleared := {true | clearance.covers("sensitive", _local) with input as asked}
		cleared == {true | "management-team" in entry.roles}
	}
}
