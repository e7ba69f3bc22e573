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
entries[ref] := _grant(class) if some ref, class in classes.known

default _grant(_) := {"visible": false, "open": [], "withheld": {}, "searchable": [], "contact": null}

_grant(class) := {
	"visible": true,
	"open": sort(fields),
	"withheld": reasons,
	"searchable": sort(searchable.fields(class.type, fields)),
	"contact": contact.key(reasons),
} if {
	classes.sound(class)
	reasons := open.withheld(class)
	fields := open.fields(class.type, reasons)
	fields != set()
}
