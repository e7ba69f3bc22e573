# METADATA
# title: Accredited organisation
# description: The organisation is accredited, which takes disciplinary and complaint procedures
# custom:
#   code: ORGANISATION_NOT_ACCREDITED
#   requirement: 2007 Government response, accreditation before an organisation is granted access
package directory.gate.accreditation

# METADATA
# description: ORGANISATION_NOT_ACCREDITED, unless the organisation is known to be accredited
refusals contains "ORGANISATION_NOT_ACCREDITED" if not input.account.organisation.accredited == true
