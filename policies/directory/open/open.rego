# METADATA
# title: Open fields
# description: A field is open where no rule withholds it; the first of several reasons is given
# custom:
#   requirement: design rule, whatever fails, fails closed
package directory.open

import data.directory.classes
import data.directory.withhold.listing
import data.directory.withhold.protection
import data.directory.withhold.role
import data.directory.withhold.sensitive
import data.directory.withhold.shield
import data.directory.withhold.tie

# METADATA
# description: |
#   For each class, the withheld fields and why. The last map wins, so the strongest reason stands last.
#   A class for which a rule does not answer has no entry, and nothing of it is shown.
withheld[ref] := object.union_n([
	role.withheld[ref],
	tie.withheld[ref],
	listing.withheld[ref],
	sensitive.withheld[ref],
	protection.withheld[ref],
	shield.withheld[ref],
]) if {
	some ref, _ in classes.sound
}

# METADATA
# description: For each class, the fields that are shown
fields[ref] := object.keys(data.directory.vocabulary.types[classes.known[ref]].fields) - object.keys(reasons) if {
	some ref, reasons in withheld
}
