package directory.open_test

import data.directory.fixtures_test as fixtures
import data.directory.open

_ref := "Child:shielded|false|none"

test_the_strongest_reason_is_given if {
	reasons := open.withheld(fixtures.every_class[_ref]) with input as _by("partner-caseworker")
	reasons.address == "SHIELDED"
	reasons.formerNames == "SHIELDED"
}

test_a_sensitive_involvement_of_a_shielded_child_is_shielded_first if {
	class := fixtures.every_class["Involvement:sensitive|shielded|false|false"]
	reasons := open.withheld(class) with input as fixtures.ask(["social-worker"], "safeguarding", {})
	reasons.service == "SHIELDED"
}

test_a_listing_comes_before_a_role if {
	class := fixtures.every_class["Service:false"]
	reasons := open.withheld(class) with input as fixtures.ask(["auditor"], "audit-review", {})
	reasons.involvements == "LISTING"
}

test_fields_that_no_rule_withholds_are_open if {
	open.fields("Organisation", {"phone": "ROLE"}) == {"name", "kind", "outOfHoursPhone", "services"}
}

_class := {"type": "Child", "attributes": {"shielding": "protected", "local": "false", "tie": "none"}}

_sensitive := fixtures.every_class["Involvement:sensitive|open|false|false"]

_question := _by("social-worker")

_by(role) := fixtures.ask([role], "safeguarding", {})

test_where_a_rule_cannot_answer_nothing_does if {
	not open.withheld(_class) with data.directory.listings as null with input as _question
	not open.withheld(_sensitive) with data.directory.sensitivity as null with input as _question
	not open.withheld(_class) with data.directory.shielding as null with input as _question
	not open.withheld(_class) with data.directory.vocabulary as null with input as _question
	open.withheld(_class) with input as _question
	open.withheld(_sensitive) with input as _question
}
