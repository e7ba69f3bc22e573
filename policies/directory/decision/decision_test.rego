package directory.decision_test

import data.directory.decision
import data.directory.fixtures_test as fixtures

_ask(roles, purpose) := fixtures.ask(roles, purpose, fixtures.every_class)

# Each role with each purpose it is allowed, once
_granted[[role, purpose]] := fixtures.grants([role], purpose) if {
	some purpose, entry in data.directory.purposes
	some role in entry.roles
}

_uncleared := object.keys(data.directory.roles) - {"management-team", "shielding-officer"}

test_an_allowed_access_names_its_capacity_and_a_grant_for_every_class if {
	answer := decision.decision with input as _ask(["school-nurse", "auditor"], "safeguarding")
	answer.allowed
	answer.refusals == []
	answer.capacity == {"roles": ["school-nurse"], "purpose": "safeguarding", "schema": false}
	object.keys(answer.grants) == object.keys(fixtures.every_class)
	object.keys(answer) == {"allowed", "refusals", "capacity", "grants"}
}

test_a_refused_access_has_no_roles_and_no_grants if {
	answer := decision.decision with input as _ask(["auditor"], "safeguarding")
	answer == {
		"allowed": false,
		"refusals": ["PURPOSE_NOT_FOR_ROLE"],
		"capacity": {"roles": [], "purpose": "safeguarding", "schema": false},
		"grants": {},
	}
}

test_whoever_may_read_the_schema_is_told_so_in_the_capacity if {
	answer := decision.decision with input as _ask(["data-manager"], "data-quality")
	answer.capacity == {"roles": ["data-manager"], "purpose": "data-quality", "schema": true}
}

test_a_refused_access_reads_no_schema if {
	answer := decision.decision with input as _ask(["data-manager"], "safeguarding")
	answer.capacity == {"roles": [], "purpose": "safeguarding", "schema": false}
}

test_refusals_are_sorted if {
	answer := decision.decision with input as fixtures.ask([], "x", {})
	answer.refusals == ["NO_ROLE", "PURPOSE_UNKNOWN"]
}

test_an_empty_question_is_refused if {
	answer := decision.decision with input as {}
	not answer.allowed
	answer.grants == {}
}

test_open_and_withheld_share_out_a_visible_class if {
	every grants in _granted {
		every ref, grant in grants {
			open := {field | some field in grant.open}
			withheld := object.keys(grant.withheld)
			open & withheld == set()
			fields := object.keys(data.directory.vocabulary.types[fixtures.every_class[ref].type].fields)
			(open | withheld) in {set(), fields}
			grant.visible == open != set()
		}
	}
}

test_reasons_are_of_the_table if {
	codes := {entry.code | some entry in data.directory.reasons.order}
	reasons := {reason | some grants in _granted; some grant in grants; some reason in grant.withheld}
	reasons == codes
}

test_nobody_uncleared_sees_more_of_a_shielded_child_than_the_shield_opens if {
	shown := {[class.type, field] |
		some [role, _], grants in _granted
		role in _uncleared
		some ref, grant in grants
		class := fixtures.every_class[ref]
		class.attributes.shielding == "shielded"
		some field in grant.open
	}
	shown == {
		["Child", "number"], ["Child", "givenName"], ["Child", "familyName"], ["Child", "dateOfBirth"],
		["Child", "carers"], ["Care", "child"], ["Care", "carer"],
	}
}

test_an_officer_elsewhere_sees_a_shielded_child_as_anybody_does if {
	ref := "Child:shielded|false|direct"
	shown := fixtures.grants(["social-worker"], "safeguarding")[ref].open
	every role in ["management-team", "shielding-officer"] {
		fixtures.grants([role], "safeguarding")[ref].open == shown
	}
}

test_an_officer_of_the_authority_sees_a_shielded_child_whole if {
	every role in ["management-team", "shielding-officer"] {
		fixtures.grants([role], "safeguarding")["Child:shielded|true|none"].withheld == {}
	}
}

test_what_places_a_protected_family_is_closed_to_all_uncleared if {
	seen := {role |
		some [role, _], grants in _granted
		some kind in ["universal", "additional"]
		grants[concat("|", [concat(":", ["Involvement", kind]), "protected", "true", "false"])].visible
	}
	seen == {"management-team", "shielding-officer"}
}

test_several_roles_open_what_each_opens if {
	every pair in _pairs {
		both := fixtures.grants([pair.first, pair.second], pair.purpose)
		every ref, grant in both {
			opened := _open(pair.first, pair.purpose, ref) | _open(pair.second, pair.purpose, ref)
			{field | some field in grant.open} == opened
		}
	}
}

_pairs contains {"purpose": purpose, "first": first, "second": second} if {
	some purpose in ["audit-review", "early-intervention", "safeguarding", "subject-access"]
	some first in data.directory.purposes[purpose].roles
	some second in data.directory.purposes[purpose].roles
	first < second
}

_open(role, purpose, ref) := {field | some field in _granted[[role, purpose]][ref].open}

test_those_who_review_see_no_child if {
	visible := {class.type |
		some [_, "audit-review"], grants in _granted
		some ref, grant in grants
		grant.visible
		class := fixtures.every_class[ref]
	}
	visible == {"Account", "Organisation", "Practitioner", "Service"}
}
