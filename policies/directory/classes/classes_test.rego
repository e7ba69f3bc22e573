package directory.classes_test

import data.directory.classes
import data.directory.fixtures_test as fixtures

_child(attributes) := {"type": "Child", "attributes": attributes}

test_every_combination_of_the_vocabulary_is_sound if every class in fixtures.every_class {
	classes.sound(class)
}

test_a_missing_attribute_is_unsound if not classes.sound(_child({"shielding": "open", "local": "true"}))

test_an_attribute_too_many_is_unsound if {
	not classes.sound(_child({"shielding": "open", "local": "true", "tie": "none", "own": "true"}))
}

test_a_value_outside_the_domain_is_unsound if {
	every value in fixtures.wrong {
		not classes.sound(_child({"shielding": value, "local": "true", "tie": "none"}))
	}
}

test_attributes_that_are_no_object_are_unsound if {
	every value in fixtures.wrong {
		not classes.sound(_child(value))
	}
}

test_a_type_without_attributes_takes_an_empty_object_only if {
	classes.sound({"type": "Organisation", "attributes": {}})
	not classes.sound({"type": "Organisation", "attributes": []})
	not classes.sound({"type": "Organisation", "attributes": ""})
}

test_unknown_types_are_not_known if {
	every value in fixtures.wrong {
		classes.known == {} with input.classes as {"a": {"type": value, "attributes": {}}}
	}
}

test_no_class_is_known_where_none_is_asked_about if {
	classes.known == {} with input as {}
	classes.known == {} with input.classes as [{"type": "Organisation", "attributes": {}}]
	every value in fixtures.wrong {
		classes.known == {} with input.classes as value
	}
}
