# METADATA
# title: Each field is shown, or withheld for a reason
# description: |
#   Open and withheld fields share out a visible class; a class of which nothing is open is as if it did not exist;
#   what is withheld by a shield names no place to call but the national relay.
# custom:
#   requirement: design rule, whatever fails, fails closed
package invariants.reasons

import data.directory.fixtures_test as fixtures
import data.invariants.space

# METADATA
# scope: document
# description: A class whose fields are not shared out, or whose contact names a place
broken contains {"role": role, "purpose": purpose, "class": ref, "grant": grant} if {
	some [role, purpose], grants in space.granted
	some ref, grant in grants
	not _sound(fixtures.every_class[ref].type, grant)
}

broken contains {"role": role, "purpose": purpose, "class": ref, "contact": grant.contact} if {
	some [role, purpose], grants in space.granted
	some ref, grant in grants
	some reason in grant.withheld
	reason in {"SHIELDED", "PROTECTED"}
	grant.contact != "national-relay"
}

_sound(_, grant) if grant == {"visible": false, "open": [], "withheld": {}, "searchable": [], "contact": null}

_sound(type, grant) if {
	grant.visible
	open := {field | some field in grant.open}
	open != set()
	open & object.keys(grant.withheld) == set()
	open | object.keys(grant.withheld) == object.keys(data.directory.vocabulary.types[type].fields)
}
