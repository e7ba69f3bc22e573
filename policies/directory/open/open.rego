# METADATA
# title: Open fields
# description: A field is open where no rule withholds it; the first of several reasons is given
# custom:
#   requirement: design rule, whatever fails, fails closed
package directory.open

import data.directory.withhold.listing
import data.directory.withhold.protection
import data.directory.withhold.role
import data.directory.withhold.sensitive
import data.directory.withhold.shield
import data.directory.withhold.tie

# METADATA
# description: |
#   The withheld fields of a class and why. The last map wins, so the strongest reason stands last.
#   Where one of the rules does not answer, nothing does, and the class stays invisible.
withheld(class) := object.union_n([
	role.withheld(class.type),
	tie.withheld(class),
	listing.withheld(class),
	sensitive.withheld(class),
	protection.withheld(class),
	shield.withheld(class),
])

# METADATA
# description: The fields of a type that are left open
fields(type, reasons) := _all[type] - object.keys(reasons)

_all[type] := object.keys(definition.fields) if some type, definition in data.directory.vocabulary.types
