# METADATA
# title: Searchable fields
# description: A field can be searched by only where it is open, and only by roles that find children
# custom:
#   requirement: design rule 5, every predicate must be open for the record's class
package directory.searchable

import data.directory.capacity

# METADATA
# description: The search fields that may match a class of the type, of which the given fields are open
fields(type, open) := object.keys({name: field |
	some name, field in object.get(_sought, type, {})
	field in open
})

_sought[type] := data.directory.search.fields[type] if {
	some role in capacity.roles
	some type in data.directory.roles[role].searches
}
