# METADATA
# title: Account in force
# description: A suspended account does nothing, and one not known to be in force is taken for suspended
# custom:
#   code: ACCOUNT_SUSPENDED
#   requirement: 2007 Government response, unauthorised access and misuse
package directory.gate.account

# METADATA
# description: ACCOUNT_SUSPENDED, unless the account is known not to be suspended
refusals contains "ACCOUNT_SUSPENDED" if not input.account.suspended == false
