package directory.withhold.listing_test

import data.directory.withhold.listing

_of(type, own) := {"type": type, "attributes": {"own": own}}

test_a_service_is_no_register_of_children if {
	listing.withheld(_of("Service", "false")) == {"involvements": "LISTING"}
	listing.withheld(_of("Practitioner", "false")) == {"caseload": "LISTING"}
}

test_ones_own_service_and_caseload_are_open if {
	listing.withheld(_of("Service", "true")) == {}
	listing.withheld(_of("Practitioner", "true")) == {}
}

test_the_lists_that_name_no_child_are_open if listing.withheld({"type": "Organisation", "attributes": {}}) == {}

test_a_reader_the_policy_does_not_know_is_not_all if {
	table := {"Service": {"practitioners": "x", "involvements": "all"}}
	withheld := listing.withheld(_of("Service", "false")) with data.directory.listings as table
	withheld == {"practitioners": "LISTING"}
}
