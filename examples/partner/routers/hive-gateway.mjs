// Hive Gateway's runtime: SUPERGRAPH=supergraph.graphql PORT=4000 node routers/hive-gateway.mjs
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { gatewayConfig } from "../gateway.config.mjs";

const runtime = createGatewayRuntime({
  ...gatewayConfig,
  supergraph: readFileSync(gatewayConfig.supergraph, "utf-8"),
  graphqlEndpoint: process.env.ENDPOINT ?? "/graphql",
  logging: "warn",
});
const host = process.env.HOST ?? "127.0.0.1";
const server = createServer(runtime);
server.listen(Number(process.env.PORT ?? 4000), host, () => {
  console.log(`Ready at http://${host}:${server.address().port}${process.env.ENDPOINT ?? "/graphql"}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
