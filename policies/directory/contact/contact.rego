# METADATA
# title: Contact
# description: Whom to call about what is withheld; a shielded record names no place, so its contact is national
# custom:
#   requirement: design rule 4, a shielded record's contact is the national relay
package directory.contact

# METADATA
# description: For each class, the contact of the strongest reason that has one
key[ref] := keys[0] if {
	some ref, reasons in data.directory.open.withheld
	given := {reason | some reason in reasons}
	keys := [contact |
		some entry in data.directory.reasons.order
		entry.code in given
		contact := entry.contact
		contact != null
	]
}
