/** Loaded into every process of a soak by `--import`: twice a second it writes down how much memory the process has. */
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

export interface Sample {
  /** `run`, `replica 0`, …, `load 0`. */
  readonly name: string;
  /** ms. */
  readonly at: number;
  /** Bytes. */
  readonly heapUsed: number;
  readonly rss: number;
}

const file = process.env["PAXBENCH_SOAK"];
const [, , role = "", ...rest] = process.argv;
if (file !== undefined && isMainThread) {
  const name = role === "run" ? role : `${role} ${rest.at(-1)}`;
  const timer = setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage();
    appendFileSync(file, `${JSON.stringify({ name, at: Date.now(), heapUsed, rss } satisfies Sample)}\n`);
  }, 500);
  timer.unref();
}
