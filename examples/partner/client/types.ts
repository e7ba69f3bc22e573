/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type ChildQueryVariables = Exact<{
  id: string | number;
}>;


export type ChildQuery = { child: { givenName: string | null, familyName: string | null, address: { lines: Array<string> | null, postcode: string | null } | null, helpline: { reference: string, lastContactOn: string, adviser: string, meetingPlace: string | null } | null, access: { shielded: boolean, withheld: Array<{ field: string, reason: string }>, contact: { name: string | null, phone: string | null } | null } } | null };
