// The partner's own subgraph: PORT=4101 node subgraph/server.mjs
// It shows only that a request is signed. A real one checks the token as the directory does, and decides for itself
// who of its own users may read its own records.
import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { GraphQLError, parse } from "graphql";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf-8");
const records = JSON.parse(read("records.json"));

const resolvers = {
  Query: { helplineContacts: () => Object.keys(records).map((id) => ({ id })) },
  Child: {
    __resolveReference: ({ id, access }) => ({ id, access }),
    helpline({ id, access }) {
      const record = records[id];
      // What the directory does not confirm to be open is treated as shielded: fail closed.
      return record && { ...record, meetingPlace: access?.shielded === false ? record.meetingPlace : null };
    },
  },
};
const server = new ApolloServer({ schema: buildSubgraphSchema({ typeDefs: parse(read("schema.graphql")), resolvers }) });
const { url } = await startStandaloneServer(server, {
  listen: { host: process.env.HOST ?? "127.0.0.1", port: Number(process.env.PORT ?? 4101) },
  context: async ({ req }) => {
    if (!req.headers.authorization) {
      throw new GraphQLError("Sign in.", { extensions: { code: "UNAUTHENTICATED", http: { status: 401 } } });
    }
    return {};
  },
});
console.log(`Ready at ${url}`);
