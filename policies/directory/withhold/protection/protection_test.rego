package directory.withhold.protection_test

import data.directory.fixtures_test as fixtures
import data.directory.withhold.protection

_of(type, attributes) := {"type": type, "attributes": attributes}

_involvement(kind, local, own) := _of(
	"Involvement",
	{"kind": kind, "shielding": "protected", "local": local, "own": own},
)

_by(role) := fixtures.ask([role], "safeguarding", {})

test_a_protected_childs_address_and_authority_are_withheld if {
	child := _of("Child", {"shielding": "protected", "local": "true", "tie": "direct"})
	withheld := protection.withheld(child) with input as _by("social-worker")
	withheld == {"address": "PROTECTED", "authority": "PROTECTED"}
}

test_a_protected_carers_address_and_phone_are_withheld if {
	carer := _of("Carer", {"shielding": "protected", "local": "true"})
	withheld := protection.withheld(carer) with input as _by("social-worker")
	withheld == {"address": "PROTECTED", "phone": "PROTECTED"}
}

test_involvements_that_place_the_family_are_withheld_whole if {
	every kind in ["universal", "additional"] {
		withheld := protection.withheld(_involvement(kind, "true", "false")) with input as _by("social-worker")
		object.keys(withheld) == object.keys(data.directory.vocabulary.types.Involvement.fields)
		{reason | some reason in withheld} == {"PROTECTED"}
	}
}

test_ones_own_involvement_stays if {
	every kind in ["universal", "additional", "sensitive"] {
		protection.withheld(_involvement(kind, "true", "true")) == {} with input as _by("social-worker")
	}
}

test_officers_of_all_the_authorities_are_spared if {
	every role in ["management-team", "shielding-officer"] {
		protection.withheld(_involvement("universal", "true", "false")) == {} with input as _by(role)
		protection.withheld(_involvement("universal", "false", "false")) != {} with input as _by(role)
	}
}

test_what_is_not_protected_is_left_alone if {
	protection.withheld(_of("Care", {"shielding": "open", "local": "true"})) == {} with input as _by("social-worker")
	protection.withheld(_of("Child", {"shielding": "shielded", "local": "true"})) == {} with input as _by("social-worker")
	protection.withheld(_of("Service", {"own": "true"})) == {} with input as _by("social-worker")
}

test_a_type_without_an_open_set_is_withheld_whole if {
	withheld := protection.withheld(_of("Child", {"shielding": "protected"})) with input as _by("social-worker")
		with data.directory.shielding.protected_open as {}
	object.keys(withheld) == object.keys(data.directory.vocabulary.types.Child.fields)
}

test_a_protected_care_is_told if {
	protection.withheld(_of("Care", {"shielding": "protected", "local": "true"})) == {} with input as _by("social-worker")
}

test_involvements_that_do_not_place_the_family_stay if {
	protection.withheld(_involvement("sensitive", "true", "false")) == {} with input as _by("social-worker")
}

test_without_the_table_of_kinds_nothing_is_said if {
	child := _of("Child", {"shielding": "protected", "local": "true"})
	every kinds in [null, "universal", {}] {
		not protection.withheld(child) with input as _by("social-worker")
			with data.directory.shielding.protected_kinds as kinds
	}
}
