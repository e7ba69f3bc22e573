// Runs the suite's own tests, as its command does once everything is up, and prints one JSON object: what passed.
const { TESTS, runJest } = require("@apollo/federation-subgraph-compatibility-tests/dist/testRunner");

runJest(process.env.PRODUCTS_URL).then(({ assertionPassed, rawResults, assertions }) => {
  const passed = Object.fromEntries(TESTS.map(({ assertion }) => [assertion, assertionPassed(assertion)]));
  const told = assertions.filter((each) => each.status === "failed").map((each) => each.failureMessages.join("\n"));
  const broken = rawResults.testResults.filter((each) => each.status === "failed").map((each) => each.message);
  const ran = { tests: rawResults.numTotalTests, passed: rawResults.numPassedTests };
  process.stdout.write(JSON.stringify({ passed, ran, told: [...told, ...broken] }));
});
