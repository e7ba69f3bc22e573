# METADATA
# title: Classes
# description: A class is one combination of a type's attribute values, as the vocabulary names them
# custom:
#   requirement: design rule 1, an attribute that is missing or unknown opens nothing
package directory.classes

# METADATA
# description: The classes that are asked about, where the vocabulary has their type
known[ref] := class if {
	some ref, class in input.classes
	is_string(ref)
	class.type in _types
}

# METADATA
# description: Whether a class has exactly its type's attributes, each with a value of its domain
sound(class) if {
	is_object(class.attributes)
	expected := data.directory.vocabulary.types[class.type].attributes
	count(class.attributes) == count(expected)
	every attribute in expected {
		class.attributes[attribute.name] in attribute.domain
	}
}

_types := object.keys(data.directory.vocabulary.types)
