// @neo4j/graphql on Apollo Server, as its documentation sets it up.
import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { Neo4jGraphQL } from "@neo4j/graphql";
import neo4j from "neo4j-driver";
import { run } from "./workers.mjs";

const { GRAPH, GRAPH_USER, GRAPH_PASSWORD, SECRET } = process.env;

await run(async (port) => {
  const driver = neo4j.driver(GRAPH, neo4j.auth.basic(GRAPH_USER, GRAPH_PASSWORD));
  const library = new Neo4jGraphQL({
    typeDefs: readFileSync(new URL("neo4j.graphql", import.meta.url), "utf-8"),
    driver,
    features: { authorization: { key: SECRET }, filters: { String: { GT: true } } },
  });
  const server = new ApolloServer({ schema: await library.getSchema(), introspection: false });
  await startStandaloneServer(server, {
    listen: { host: "127.0.0.1", port },
    context: async ({ req }) => ({ token: req.headers.authorization }),
  });
});
