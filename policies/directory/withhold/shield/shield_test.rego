package directory.withhold.shield_test

import data.directory.fixtures_test as fixtures
import data.directory.withhold.shield

_child(shielding, local) := {"type": "Child", "attributes": {"shielding": shielding, "local": local, "tie": "direct"}}

_by(role) := fixtures.ask([role], "safeguarding", {})

test_a_shielded_record_keeps_all_but_names_birth_number_and_carers if {
	withheld := shield.withheld(_child("shielded", "true")) with input as _by("social-worker")
	object.keys(withheld) == {"formerNames", "gender", "address", "involvements", "leadProfessional", "authority"}
	{reason | some reason in withheld} == {"SHIELDED"}
}

test_the_link_to_a_carer_stays_but_not_what_kind_of_link if {
	care := {"type": "Care", "attributes": {"shielding": "shielded", "local": "true"}}
	withheld := shield.withheld(care) with input as _by("social-worker")
	object.keys(withheld) == {"relationship", "parentalResponsibility"}
}

test_no_involvement_of_a_shielded_child_is_shown_not_even_ones_own if {
	attributes := {"kind": "universal", "shielding": "shielded", "local": "true", "own": "true"}
	withheld := shield.withheld({"type": "Involvement", "attributes": attributes}) with input as _by("social-worker")
	object.keys(withheld) == object.keys(data.directory.vocabulary.types.Involvement.fields)
}

test_officers_of_the_childs_authority_are_spared if {
	every role in ["management-team", "shielding-officer"] {
		shield.withheld(_child("shielded", "true")) == {} with input as _by(role)
		shield.withheld(_child("shielded", "false")) != {} with input as _by(role)
	}
}

test_what_is_not_shielded_is_left_alone if {
	shield.withheld(_child("open", "true")) == {} with input as _by("social-worker")
	shield.withheld(_child("protected", "true")) == {} with input as _by("social-worker")
	shield.withheld({"type": "Account", "attributes": {}}) == {} with input as _by("social-worker")
}

test_a_shielding_the_policy_does_not_know_is_taken_for_a_shield if {
	shield.withheld(_child("x", "true")) != {} with input as _by("social-worker")
}
