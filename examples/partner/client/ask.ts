// Asks a router about a child: TOKEN=… node client/ask.ts CHILD
// ROUTER is the router's endpoint. Node 22.18 or later runs it as it is.
import { readFileSync } from "node:fs";
import type { ChildQuery, ChildQueryVariables } from "./types.ts";

type Refusal = { message: string; extensions?: { code?: string } };

async function ask(variables: ChildQueryVariables): Promise<ChildQuery["child"]> {
  const response = await fetch(process.env.ROUTER ?? "http://127.0.0.1:4000/", {
    method: "POST",
    cache: "no-store",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${process.env.TOKEN}`,
      "x-access-purpose": "coordinate-services",
      "x-access-reason": encodeURIComponent("call from the family"),
    },
    body: JSON.stringify({ query: readFileSync(new URL("child.graphql", import.meta.url), "utf-8"), variables }),
  });
  const answer: { data?: ChildQuery; errors?: Refusal[] } = await response.json();
  if (answer.errors?.length) {
    throw new Error(answer.errors.map((each) => `${each.message} (${each.extensions?.code})`).join(" "));
  }
  return answer.data?.child ?? null;
}

const child = await ask({ id: process.argv[2] });
if (!child) {
  console.log("There is no such child that you may see.");
} else {
  console.log(`${child.givenName} ${child.familyName}`);
  if (child.access.shielded) console.log(`SHIELDED: call ${child.access.contact?.name}, ${child.access.contact?.phone}`);
  for (const { field, reason } of child.access.withheld) console.log(`withheld: ${field} (${reason})`);
  console.log(`address: ${child.address?.lines?.join(", ") ?? "not shown"}`);
  console.log(`helpline: ${child.helpline?.reference ?? "no contact"}`);
}
