# METADATA
# title: Listing
# description: A register of children is no list to browse, except one's own service's and one's own caseload
# custom:
#   code: LISTING
#   requirement: design rule, no browsing and no bulk export
package directory.withhold.listing

# METADATA
# scope: document
# description: The listings of a class that are not the person's own
withheld(class) := {} if _own(class.attributes)

withheld(class) := _closed[class.type] if not _own(class.attributes)

_own(attributes) if attributes.own == "true"

_closed[type] := {field: "LISTING" | some field, readers in listings; readers != "all"} if {
	some type, _ in data.directory.vocabulary.types
	listings := object.get(data.directory.listings, type, {})
}
