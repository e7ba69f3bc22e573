// Runs a server in as many processes as WORKERS says, all on one port.
import cluster from "node:cluster";

export async function run(serve) {
  const workers = Number(process.env.WORKERS ?? 1);
  if (workers === 1 || cluster.isWorker) return serve(Number(process.env.PORT));
  for (let each = 0; each < workers; each += 1) cluster.fork();
  cluster.on("exit", () => process.exit(1)); // a target with fewer workers than it should have is none
}
