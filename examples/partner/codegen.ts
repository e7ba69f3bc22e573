// The types of the client's operations, from the schema that the router offers: npm run types
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "client/api.graphql",
  documents: "client/child.graphql",
  generates: {
    "client/types.ts": {
      plugins: ["typescript-operations"],
      config: { enumsAsTypes: true, useTypeImports: true, scalars: { Date: "string" } },
    },
  },
};
export default config;
