// Composes subgraphs into a supergraph: node compose.mjs OUT [NAME URL SCHEMA]...
// Without any, the directory and the partner's own subgraph. OUT may be "-", for the standard output.
// API=FILE writes the schema that the router's clients see, too.
import { readFileSync, writeFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { printSchema, Supergraph } from "@apollo/federation-internals";
import { parse } from "graphql";

const here = (path) => new URL(path, import.meta.url).pathname;
const [out, ...given] = process.argv.slice(2);
const usual = [
  "directory", "http://127.0.0.1:8080/graphql", here("../../schema/directory.graphql"),
  "partner", "http://127.0.0.1:4101/", here("subgraph/schema.graphql"),
];
const words = given.length ? given : usual;
const services = [];
for (let i = 0; i < words.length; i += 3) {
  services.push({ name: words[i], url: words[i + 1], typeDefs: parse(readFileSync(words[i + 2], "utf-8")) });
}
const { errors, supergraphSdl, hints } = composeServices(services);
for (const problem of errors ?? hints ?? []) console.error(problem.message ?? String(problem));
if (errors?.length) process.exit(1);
if (process.env.API) writeFileSync(process.env.API, `${printSchema(Supergraph.build(supergraphSdl).apiSchema())}\n`);
if (out === "-") process.stdout.write(`${supergraphSdl}\n`);
else writeFileSync(out, `${supergraphSdl}\n`);
