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

# METADATA
# description: An attribute with other values
broken contains {"type": type, "attribute": attribute.name, "domain": attribute.domain} if {
	some type, definition in data.directory.vocabulary.types
	some attribute in definition.attributes
	not _same(type, attribute)
}

_same(type, attribute) if {
	count(attribute.domain) == count(_expected(type, attribute.name))
	{value | some value in attribute.domain} == _expected(type, attribute.name)
}
