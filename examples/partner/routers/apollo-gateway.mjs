// Apollo Gateway: SUPERGRAPH=supergraph.graphql PORT=4000 node routers/apollo-gateway.mjs
import { readFileSync } from "node:fs";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { GraphQLError } from "graphql";
import { PASSED_ON } from "./headers.mjs";

class Signed extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    for (const name of PASSED_ON) {
      const value = context.headers?.[name];
      if (value !== undefined) request.http.headers.set(name, value);
    }
  }

  // The directory refuses with a status of its own. Pass on what it says, which is for people, and its code.
  async errorFromResponse(response) {
    const body = await this.parseBody(response);
    const refusal = body?.errors?.[0] ?? { message: `The subgraph answered with ${response.status}.` };
    return new GraphQLError(refusal.message, { extensions: refusal.extensions });
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(process.env.SUPERGRAPH ?? "supergraph.graphql", "utf-8"),
  buildService: ({ url }) => new Signed({ url }), // no APQ, no cache: what the directory answers is for one person
});
const server = new ApolloServer({
  gateway,
  introspection: false,
  plugins: [{
    // Whatever the subgraphs say, an answer is for one person.
    async requestDidStart() {
      return { async willSendResponse({ response }) { response.http.headers.set("cache-control", "no-store"); } };
    },
  }],
});
const { url } = await startStandaloneServer(server, {
  listen: { host: process.env.HOST ?? "127.0.0.1", port: Number(process.env.PORT ?? 4000) },
  context: async ({ req }) => ({ headers: req.headers }),
});
console.log(`Ready at ${url}`);
