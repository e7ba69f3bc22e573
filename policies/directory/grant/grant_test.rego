package directory.grant_test

import data.directory.fixtures_test as fixtures
import data.directory.grant

_nothing := {"visible": false, "open": [], "withheld": {}, "searchable": [], "contact": null}

_by(role, classes) := fixtures.ask([role], "safeguarding", classes)

test_a_visible_class_says_what_is_open_and_what_is_not_and_why if {
	ref := "Child:protected|false|none"
	entries := grant.entries with input as _by("partner-caseworker", {ref: fixtures.every_class[ref]})
	entries == {ref: {
		"visible": true,
		"open": [
			"carers", "dateOfBirth", "familyName", "gender", "givenName", "involvements", "leadProfessional", "number",
		],
		"withheld": {"address": "PROTECTED", "authority": "PROTECTED", "formerNames": "ROLE"},
		"searchable": ["dateOfBirth", "familyName", "givenName"],
		"contact": "national-relay",
	}}
}

test_a_class_of_which_nothing_is_open_is_invisible if {
	ref := "Involvement:universal|shielded|false|true"
	entries := grant.entries with input as _by("social-worker", {ref: fixtures.every_class[ref]})
	entries == {ref: _nothing}
}

test_an_unsound_class_is_invisible if {
	class := {"type": "Child", "attributes": {"tie": "direct"}}
	entries := grant.entries with input as _by("management-team", {"a": class})
	entries == {"a": _nothing}
}

test_a_type_that_policy_does_not_know_has_no_grant if {
	entries := grant.entries with input as _by("management-team", {"a": {"type": "Case", "attributes": {}}})
	entries == {}
}

test_a_class_is_invisible_where_a_rule_cannot_answer if {
	ref := "Child:protected|true|none"
	entries := grant.entries with data.directory.shielding as null
		with input as _by("social-worker", {ref: fixtures.every_class[ref]})
	entries == {ref: _nothing}
}
