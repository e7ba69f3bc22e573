package directory.contact_test

import data.directory.contact

test_a_shield_or_a_protection_refers_to_the_national_relay if {
	contact.key({"address": "SHIELDED", "formerNames": "ROLE"}) == "national-relay"
	contact.key({"address": "PROTECTED", "service": "SENSITIVE"}) == "national-relay"
}

test_a_sensitive_service_is_reached_by_brokering if contact.key({"service": "SENSITIVE"}) == "brokering"

test_other_reasons_have_no_contact if {
	contact.key({"formerNames": "ROLE", "address": "UNRELATED", "caseload": "LISTING"}) == null
	contact.key({}) == null
}
