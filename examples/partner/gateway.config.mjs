// Hive Gateway's configuration: hive-gateway supergraph --config gateway.config.mjs, or routers/hive-gateway.mjs,
// which runs the same runtime without the command line around it.
import { PASSED_ON } from "./routers/headers.mjs";

export const gatewayConfig = {
  supergraph: process.env.SUPERGRAPH ?? "supergraph.graphql",
  propagateHeaders: {
    fromClientToSubgraphs({ request }) {
      return Object.fromEntries(
        PASSED_ON.flatMap((name) => (request.headers.has(name) ? [[name, request.headers.get(name)]] : [])),
      );
    },
  },
  deduplicateRequest: false, // two people's equal questions are two questions
  responseCaching: undefined, // and no answer is kept
  graphiql: false,
  landingPage: false,
  maskedErrors: false, // the directory's errors are written for people, and its codes for programs
  plugins: () => [{
    onResponse({ response }) {
      response.headers.set("cache-control", "no-store");
    },
  }],
};
