# METADATA
# title: Classes
# description: A class is one combination of a type's attribute values, as the vocabulary names them
# custom:
#   requirement: design rule 1, an attribute that is missing or unknown opens nothing
package directory.classes

# METADATA
# description: The type of each class that is asked about, where the vocabulary has that type
known[ref] := class.type if {
	is_object(input.classes)
	some ref, class in input.classes
	data.directory.vocabulary.types[class.type]
}

# METADATA
# description: The attributes of each class that has exactly its type's attributes, each with a value of its domain
sound[ref] := attributes if {
	some ref, type in known
	attributes := input.classes[ref].attributes
	is_object(attributes)
	expected := data.directory.vocabulary.types[type].attributes
	count(attributes) == count(expected)
	every attribute in expected {
		attributes[attribute.name] in attribute.domain
	}
}
