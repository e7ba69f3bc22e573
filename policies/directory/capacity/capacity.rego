# METADATA
# title: Capacity
# description: In which roles, and for which purpose, a person acts
# custom:
#   requirement: design rule, grants depend on the person through the capacity alone
package directory.capacity

# METADATA
# scope: document
# description: The stated purpose if it is in the list, else empty
default purpose := ""

purpose := input.access.purpose if data.directory.purposes[input.access.purpose]

# METADATA
# description: |
#   The account's roles that the policy knows, and that its organisation's kind may give: whoever manages the accounts
#   of a school trust or a national partner makes nobody an authority's officer
known contains role if {
	is_array(input.account.roles)
	some role in input.account.roles
	_gives(data.directory.roles[role].employers)
}

_gives("all") := true

_gives(employers) if input.account.organisation.kind in employers

# METADATA
# description: The effective roles, which are the known ones for which the purpose is allowed
roles contains role if {
	some role in data.directory.purposes[purpose].roles
	role in known
}

# METADATA
# scope: document
# description: Whether one of the effective roles may read the schema itself
default reads_schema := false

reads_schema if {
	some role in data.directory.introspection.roles
	role in roles
}
