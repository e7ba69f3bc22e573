# METADATA
# title: Accredited organisation
# description: The organisation is accredited, which takes disciplinary and complaint procedures
# custom:
#   code: ORGANISATION_NOT_ACCREDITED
#   requirement: 2007 Government response, accreditation before an organisation is granted access
package directory.gate.accreditation

# METADATA
# description: Whether the organisation is known to be accredited
passes if input.account.organisation.accredited == true

# METADATA
# description: The refusal, unless the check passes
refusals contains "ORGANISATION_NOT_ACCREDITED" if not passes
