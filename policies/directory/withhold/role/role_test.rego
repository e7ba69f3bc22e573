package directory.withhold.role_test

import data.directory.fixtures_test as fixtures
import data.directory.withhold.role

test_former_names_are_for_officers_and_data_managers if {
	readers := {name |
		some name, _ in data.directory.roles
		some purpose, _ in data.directory.purposes
		some grant in fixtures.grants([name], purpose)
		"formerNames" in grant.open
	}
	readers == {"data-manager", "management-team", "shielding-officer"}
}

test_practitioners_see_a_child_but_for_former_names if {
	every name in ["social-worker", "school-nurse"] {
		role.withheld("Child") == {"formerNames": "ROLE"} with input as fixtures.ask([name], "safeguarding", {})
		role.withheld("Carer") == {} with input as fixtures.ask([name], "safeguarding", {})
		role.withheld("Involvement") == {} with input as fixtures.ask([name], "safeguarding", {})
	}
}

test_a_partners_caseworker_reaches_no_carer if {
	withheld := role.withheld("Carer") with input as fixtures.ask(["partner-caseworker"], "safeguarding", {})
	withheld == {"phone": "ROLE", "address": "ROLE"}
}

test_those_who_review_see_nothing_of_a_child if {
	every name in ["account-administrator", "auditor"] {
		every type in ["Child", "Care", "Carer", "Involvement"] {
			withheld := role.withheld(type) with input as fixtures.ask([name], "audit-review", {})
			object.keys(withheld) == object.keys(data.directory.vocabulary.types[type].fields)
		}
	}
}

test_a_field_without_a_known_data_class_is_withheld_from_all if {
	types := {"Child": {"fields": {"number": "identity", "blood": "unheard-of", "weight": null, "height": ""}}}
	withheld := role.withheld("Child") with data.directory.vocabulary.types as types
		with input as fixtures.ask(sort(object.keys(data.directory.roles)), "safeguarding", {})
	withheld == {"blood": "ROLE", "weight": "ROLE", "height": "ROLE"}
}

test_nobody_in_particular_sees_nothing if {
	withheld := role.withheld("Service") with input as fixtures.ask([], "safeguarding", {})
	object.keys(withheld) == object.keys(data.directory.vocabulary.types.Service.fields)
}
