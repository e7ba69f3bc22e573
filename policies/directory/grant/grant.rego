# METADATA
# title: Grants
# description: For each class of record, what the capacity sees of it
# custom:
#   requirement: design rule, decide first, on classes
package directory.grant

import data.directory.classes
import data.directory.contact
import data.directory.open
import data.directory.searchable

# METADATA
# description: A class of which nothing is open is invisible, and like one that does not exist
grants[ref] := {
	"visible": true,
	"open": sort(open.fields[ref]),
	"withheld": open.withheld[ref],
	"searchable": sort(object.get(searchable.fields, ref, set())),
	"contact": object.get(contact.key, ref, null),
} if {
	some ref in _visible
}

grants[ref] := {"visible": false, "open": [], "withheld": {}, "searchable": [], "contact": null} if {
	some ref, _ in classes.known
	not ref in _visible
}

_visible contains ref if {
	some ref, fields in open.fields
	count(fields) > 0
}
