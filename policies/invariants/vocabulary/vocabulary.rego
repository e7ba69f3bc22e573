# METADATA
# title: Attributes take the values that the graph gives them, and no others
# description: A value more in a domain is a class that nobody thought of; a value less, records that nobody sees
# custom:
#   requirement: design rule 1, an attribute that is missing or unknown opens nothing
package invariants.vocabulary

_given := {
	"shielding": {"open", "protected", "shielded"},
	"local": {"true", "false"},
	"own": {"true", "false"},
	"tie": {"none", "organisation", "direct"},
	"kind": {"universal", "additional", "sensitive"},
}

_expected(type, name) := _given[name] if not [type, name] == ["Carer", "shielding"]

_expected("Carer", "shielding") := {"open", "protected"}

_fields := {
	"Child": {
		"number", "givenName", "familyName", "formerNames", "dateOfBirth", "gender", "address", "carers",
		"involvements", "leadProfessional", "authority",
	},
	"Care": {
		"relationship", "parentalResponsibility", "child", "carer",
	},
	"Carer": {
		"givenName", "familyName", "phone", "address", "children",
	},
	"Involvement": {
		"kind", "since", "until", "consent", "lead", "child", "service", "practitioner",
	},
	"Service": {
		"name", "kind", "phone", "email", "outOfHoursPhone", "organisation", "practitioners",
		"involvements",
	},
	"Practitioner": {
		"name", "role", "phone", "email", "services", "caseload",
	},
	"Organisation": {
		"name", "kind", "phone", "outOfHoursPhone", "services",
	},
	"Account": {
		"roles", "trainedOn", "vettedOn", "agreementSignedOn", "practitioner", "organisation",
	},
}

# METADATA
# scope: document
# description: An attribute with other values, or a field too few or too many
broken contains {"type": type, "attribute": attribute.name, "domain": attribute.domain} if {
	some type, definition in data.directory.vocabulary.types
	some attribute in definition.attributes
	not _same(type, attribute)
}

broken contains {"type": type, "field": field} if {
	some type in (object.keys(data.directory.vocabulary.types) | object.keys(_fields))
	known := object.keys(object.get(data.directory.vocabulary.types, [type, "fields"], {}))
	meant := object.get(_fields, type, set())
	some field in ((known - meant) | (meant - known))
}

_same(type, attribute) if {
	count(attribute.domain) == count(_expected(type, attribute.name))
	{value | some value in attribute.domain} == _expected(type, attribute.name)
}
