# METADATA
# title: Searchable fields
# description: A field can be searched by only where it is open, and only by roles that find children
# custom:
#   requirement: design rule 5, every predicate must be open for the record's class
package directory.searchable

import data.directory.classes

# METADATA
# description: For each class, the search fields that may match it
fields[ref] contains name if {
	some ref, open in data.directory.open.fields
	type := classes.known[ref]
	type in _found
	some name, field in data.directory.search.fields[type]
	field in open
}

_found contains type if {
	some role in data.directory.capacity.roles
	some type in data.directory.roles[role].searches
}
