/** The thread of an alarm: sleeps until the deadline it was given, ns as `process.hrtime` counts them, and says so. */
import { parentPort, workerData } from "node:worker_threads";

const { deadline, never } = workerData as { readonly deadline: BigInt64Array<SharedArrayBuffer>; readonly never: bigint };
for (;;) {
  const at = Atomics.load(deadline, 0);
  const rest = at === never ? Infinity : Number(at - process.hrtime.bigint()) / 1e6;
  // Not timed out: there is another deadline.
  if (rest > 0 && Atomics.wait(deadline, 0, at, rest) !== "timed-out") continue;
  if (process.hrtime.bigint() < at) continue;
  Atomics.compareExchange(deadline, 0, at, never);
  parentPort!.postMessage(null, []);
}
