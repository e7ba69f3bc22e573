# METADATA
# title: Account in force
# description: A suspended account does nothing, and one not known to be in force is taken for suspended
# custom:
#   code: ACCOUNT_SUSPENDED
#   requirement: 2007 Government response, unauthorised access and misuse
package directory.gate.account

# METADATA
# description: Whether the account is known not to be suspended
passes if input.account.suspended == false

# METADATA
# description: The refusal, unless the check passes
refusals contains "ACCOUNT_SUSPENDED" if not passes
