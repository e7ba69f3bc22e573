package directory.gate.accreditation_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.accreditation

test_an_accredited_organisation_passes if accreditation.refusals == set() with input as fixtures.good

test_an_organisation_not_known_to_be_accredited_is_refused if {
	code := {"ORGANISATION_NOT_ACCREDITED"}
	accreditation.refusals == code with input as fixtures.without("/account/organisation")
	accreditation.refusals == code with input as fixtures.without("/account/organisation/accredited")
	every value in [false, "true", 1, null] {
		accreditation.refusals == code with input as fixtures.changed("/account/organisation/accredited", value)
	}
}
