package directory.tables_test

_types := data.directory.vocabulary.types

_data_classes contains name if {
	some definition in _types
	some name in definition.fields
}

test_purposes_name_known_roles_and_each_role_has_a_purpose if {
	named := {role | some entry in data.directory.purposes; some role in entry.roles}
	named == object.keys(data.directory.roles)
}

test_roles_open_known_data_classes_and_each_is_opened_by_some_role if {
	opened := {name | some role in data.directory.roles; some name in array.concat(role.always, role.tied)}
	opened == _data_classes
}

test_roles_search_for_what_can_be_searched if {
	every role in data.directory.roles {
		every type in role.searches {
			data.directory.search.fields[type]
		}
	}
}

test_what_is_always_open_needs_no_tie if {
	every role in data.directory.roles {
		{name | some name in role.always} & {name | some name in role.tied} == set()
	}
}

test_only_what_has_a_tie_can_need_one if {
	needing := {name | some role in data.directory.roles; some name in role.tied}
	tied := {name | some definition in _types; _has_tie(definition.attributes); some name in definition.fields}
	needing - tied == set()
}

_has_tie(attributes) if {
	some attribute in attributes
	attribute.name == "tie"
}

test_the_schema_is_read_by_known_roles if {
	every role in data.directory.introspection.roles {
		data.directory.roles[role]
	}
}

test_clearances_name_known_roles_and_purposes if {
	every table in data.directory.clearances {
		every role in table.roles {
			some purpose in table.purposes
			role in data.directory.purposes[purpose].roles
		}
		every purpose in table.purposes {
			data.directory.purposes[purpose]
		}
	}
}

test_purposes_that_subjects_are_not_told_are_known if {
	every purpose in data.directory.subjects.untold {
		data.directory.purposes[purpose]
	}
}

test_open_sets_name_fields_of_their_type if {
	shielding := data.directory.shielding
	every table in [shielding.shielded_open, shielding.protected_open, data.directory.sensitivity.sensitive_open] {
		every type, fields in table {
			every field in fields {
				_types[type].fields[field]
			}
		}
	}
}

test_every_type_with_a_shielding_has_its_open_sets if {
	shielding := data.directory.shielding
	every value in ["shielded", "protected"] {
		object.keys(shielding[concat("_", [value, "open"])]) == {type |
			some type, definition in _types
			some attribute in definition.attributes
			attribute.name == "shielding"
			value in attribute.domain
		}
	}
}

test_kinds_and_ties_are_of_their_domain if {
	every kind in array.concat(data.directory.shielding.protected_kinds, data.directory.sensitivity.ordinary) {
		kind in _domain("Involvement", "kind")
	}
	every tie in data.directory.ties.sufficient {
		tie in _domain("Child", "tie")
	}
}

_domain(type, name) := attribute.domain if {
	some attribute in _types[type].attributes
	attribute.name == name
}

test_listings_name_fields_and_known_readers if {
	every type, table in data.directory.listings {
		every field, readers in table {
			_types[type].fields[field]
			readers in {"all", "own"}
		}
	}
}

test_reasons_refer_to_known_contacts if {
	referred := {entry.contact | some entry in data.directory.reasons.order}
	referred - {null} == object.keys(data.directory.contacts)
}

test_searches_combine_search_fields_that_follow_fields if {
	fields := data.directory.search.fields.Child
	every field in fields {
		_types.Child.fields[field]
	}
	every combination in data.directory.search.combinations {
		every name in combination {
			fields[name]
		}
		some name in ["dateOfBirth", "postcode"]
		name in combination
	}
}

test_releases_name_attributes_and_say_why if {
	every path, reason in data.directory.releases {
		parts := split(split(path, "=")[0], ".")
		count(_domain(parts[0], parts[1])) > 1
		reason != ""
	}
}

test_limits_are_counts_in_minutes if {
	limits := data.directory.limits
	object.keys(limits) == {"account", "client", "address", "everyone"}
	every uses in limits {
		every limit in uses {
			object.keys(limit) == {"most", "minutes"}
			limit.most > 0
			limit.minutes > 0
		}
	}
}

test_walking_is_bounded_more_tightly_than_working if {
	account := data.directory.limits.account
	account.fruitless.most < account.searches.most
	account.searches.minutes <= account.fruitless.minutes
	account.unknown.most < account.records.most
	account.records.minutes <= account.unknown.minutes
}

test_who_sees_who_a_child_is_may_search_for_her if {
	{name | some name, role in data.directory.roles; "identity" in role.always} == {name |
		some name, role in data.directory.roles
		"Child" in role.searches
	}
}

test_who_sees_a_child_may_call_who_works_with_her if {
	contacts := {"service-contact", "practitioner-contact", "organisation-contact"}
	every role in data.directory.roles {
		{name | "identity" in role.always; some name in contacts} - {name | some name in role.always} == set()
	}
}

test_who_sees_no_child_calls_no_service if {
	{name | some name, role in data.directory.roles; "service-contact" in role.always} == {name |
		some name, role in data.directory.roles
		"identity" in role.always
	}
}

test_every_reason_says_whom_to_call_or_nobody if {
	every entry in data.directory.reasons.order {
		object.keys(entry) == {"code", "title", "contact"}
	}
}

test_a_search_shows_a_few_candidates if {
	data.directory.search.candidates > 1
	data.directory.search.candidates <= 10
}
