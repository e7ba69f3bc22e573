// PostGraphile on grafserv, as its documentation sets it up; it checks the token and sets the role and the claims.
import { createServer } from "node:http";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PgLazyJWTPreset } from "postgraphile/presets/lazy-jwt";
import { run } from "./workers.mjs";

const { DATABASE, SECRET } = process.env;

await run(async (port) => {
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PgLazyJWTPreset],
    pgServices: [makePgService({ connectionString: DATABASE, schemas: ["directory"] })],
    schema: { defaultBehavior: "-connection +list -insert -update -delete" },
    grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false, pgJwtSecret: SECRET },
    grafast: { explain: false },
  });
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  server.listen(port, "127.0.0.1");
});
