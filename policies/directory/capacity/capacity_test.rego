package directory.capacity_test

import data.directory.capacity
import data.directory.fixtures_test as fixtures

test_only_the_roles_that_fit_the_purpose_are_in_effect if {
	capacity.roles == {"management-team"} with input as fixtures.ask(["auditor", "management-team"], "safeguarding", {})
	capacity.roles == {"auditor"} with input as fixtures.ask(["auditor", "management-team"], "audit-review", {})
}

test_unknown_roles_are_left_out if {
	capacity.roles == {"school-nurse"} with input as fixtures.ask(["x", 5, null, "school-nurse"], "safeguarding", {})
}

test_a_role_is_given_by_the_organisations_of_the_table if {
	every kind in ["HEALTH_TRUST", "LOCAL_AUTHORITY", "NATIONAL_PARTNER", "SCHOOL_TRUST", "VOLUNTARY", "x", null] {
		asked := fixtures.ask(sort(object.keys(data.directory.roles)), "safeguarding", {})
		employed := json.patch(asked, [{"op": "replace", "path": "/account/organisation/kind", "value": kind}])
		capacity.known == _given_by(kind) with input as employed
	}
}

test_an_unknown_employer_gives_the_roles_that_all_give if {
	asked := fixtures.ask(sort(object.keys(data.directory.roles)), "safeguarding", {})
	unknown := json.patch(asked, [{"op": "remove", "path": "/account/organisation"}])
	capacity.known == _anybodys with input as unknown
}

_anybodys := {"account-administrator", "auditor", "partner-caseworker"}

_practitioners := {"school-nurse", "social-worker"}

_officers := {"data-manager", "management-team", "shielding-officer"}

_given_by(kind) := _anybodys if kind in {"NATIONAL_PARTNER", "x", null}

_given_by("LOCAL_AUTHORITY") := (_anybodys | _practitioners) | _officers

_given_by(kind) := _anybodys | _practitioners if kind in {"HEALTH_TRUST", "SCHOOL_TRUST", "VOLUNTARY"}

test_an_unknown_purpose_has_no_roles if {
	capacity.roles == set() with input as fixtures.ask(["school-nurse"], "x", {})
	capacity.purpose == "" with input as fixtures.ask(["school-nurse"], "x", {})
}

test_management_alone_answers_subject_access_with_the_data_manager if {
	roles := object.keys(data.directory.roles)
	capacity.roles == {"data-manager", "management-team"} with input as fixtures.ask(sort(roles), "subject-access", {})
}

test_the_schema_is_for_the_roles_of_the_table if {
	every role in object.keys(data.directory.roles) {
		some purpose, entry in data.directory.purposes
		role in entry.roles
		capacity.reads_schema == _listed(role) with input as fixtures.ask([role], purpose, {})
	}
}

test_a_role_that_does_not_fit_the_purpose_reads_no_schema if {
	every purpose in ["safeguarding", "x"] {
		asked := fixtures.ask(["data-manager", "social-worker"], purpose, {})
		capacity.reads_schema == false with input as asked
	}
}

test_an_empty_question_reads_no_schema if capacity.reads_schema == false with input as {}

default _listed(_) := false

_listed(role) if role in data.directory.introspection.roles

test_those_who_compose_the_schema_may_read_it if {
	capacity.reads_schema == true with input as fixtures.ask(["partner-caseworker"], "safeguarding", {})
	capacity.reads_schema == true with input as fixtures.ask(["data-manager"], "data-quality", {})
}
