# METADATA
# title: An attribute that is missing or unknown opens nothing
# description: To nobody, in whatever roles and for whatever purpose
# custom:
#   requirement: design rule 1, an attribute that is missing or unknown opens nothing
package invariants.unknown

import data.directory.fixtures_test as fixtures

_changes[ref] contains {"op": "remove", "path": concat("/", ["", "attributes", name])} if {
	some ref, class in fixtures.every_class
	some name, _ in class.attributes
}

_changes[ref] contains {"op": "add", "path": concat("/", ["", "attributes", name]), "value": value} if {
	some ref, class in fixtures.every_class
	some name in (object.keys(class.attributes) | {"x"})
	some value in fixtures.wrong
}

_classes[json.marshal([ref, change])] := json.patch(class, [change]) if {
	some ref, class in fixtures.every_class
	some change in _changes[ref]
}

# METADATA
# description: A class with a wrong attribute of which somebody sees something, or is told nothing at all
broken contains {"roles": entry.roles, "purpose": purpose, "class": class} if {
	some purpose, entry in data.directory.purposes
	answer := data.directory.decision.decision with input as fixtures.ask(entry.roles, purpose, _classes)
	some ref, class in _classes
	not _nothing(answer.grants, ref)
}

_nothing(grants, ref) if {
	grants[ref] == {"visible": false, "open": [], "withheld": {}, "searchable": [], "contact": null}
}
