// The headers that say who asks the directory, and what for. Every router passes on these, from each request to the
// subgraph requests made for it, unchanged: nothing is added, joined or kept for another request.
export const PASSED_ON = [
  "authorization",
  "x-access-purpose",
  "x-access-reason",
  "x-on-behalf-of",
  "traceparent",
];
