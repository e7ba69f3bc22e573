package directory.gate.training_test

import data.directory.fixtures_test as fixtures
import data.directory.gate.training

test_a_trained_person_passes if training.refusals == set() with input as fixtures.good

test_training_today_counts if {
	training.refusals == set() with input as fixtures.changed("/account/trained_on", "2026-06-30")
}

test_training_still_to_come_is_refused if {
	training.refusals == {"TRAINING_LAPSED"} with input as fixtures.changed("/account/trained_on", "2026-07-01")
}

test_no_known_training_is_refused if {
	training.refusals == {"TRAINING_LAPSED"} with input as fixtures.without("/account/trained_on")
	every value in fixtures.wrong {
		training.refusals == {"TRAINING_LAPSED"} with input as fixtures.changed("/account/trained_on", value)
	}
}
