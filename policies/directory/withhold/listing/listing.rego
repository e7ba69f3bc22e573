# METADATA
# title: Listing
# description: A register of children is no list to browse, except one's own service's and one's own caseload
# custom:
#   code: LISTING
#   requirement: design rule, no browsing and no bulk export
package directory.withhold.listing

import data.directory.classes

# METADATA
# description: For each class, the listings that are not the person's own
withheld[ref] := {} if some ref in _passes

withheld[ref] := _closed[classes.known[ref]] if {
	some ref, _ in classes.sound
	not ref in _passes
}

_passes contains ref if {
	some ref, attributes in classes.sound
	attributes.own == "true"
}

_closed[type] := {field: "LISTING" | some field, readers in listings; readers != "all"} if {
	some type, _ in data.directory.vocabulary.types
	listings := object.get(data.directory.listings, type, {})
}
