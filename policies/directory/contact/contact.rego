# METADATA
# title: Contact
# description: Whom to call about what is withheld; a shielded record names no place, so its contact is national
# custom:
#   requirement: design rule 4, a shielded record's contact is the national relay
package directory.contact

# METADATA
# description: No contact where no reason has one
default key(_) := null

# METADATA
# description: The contact of the strongest reason that has one
key(reasons) := keys[0] if {
	given := {reason | some reason in reasons}
	keys := [entry.contact |
		some entry in data.directory.reasons.order
		entry.code in given
		entry.contact != null
	]
}
