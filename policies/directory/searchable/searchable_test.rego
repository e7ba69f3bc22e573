package directory.searchable_test

import data.directory.fixtures_test as fixtures
import data.directory.searchable

_all := object.keys(data.directory.vocabulary.types.Child.fields)

_names := {"givenName", "familyName", "formerNames", "dateOfBirth"}

test_every_search_field_that_is_open_is_searchable if {
	searchable.fields("Child", _all) == _names | {"postcode"} with input as _by("management-team")
}

test_a_postcode_follows_the_address if {
	searchable.fields("Child", {"address"}) == {"postcode"} with input as _by("social-worker")
	searchable.fields("Child", _all - {"address"}) == _names with input as _by("social-worker")
}

test_only_children_are_searched_for if {
	searchable.fields("Carer", {"givenName", "familyName"}) == set() with input as _by("management-team")
}

test_those_who_review_find_nobody if {
	every role in ["account-administrator", "auditor"] {
		searchable.fields("Child", _all) == set() with input as fixtures.ask([role], "audit-review", {})
	}
}

_by(role) := fixtures.ask([role], "safeguarding", {})
