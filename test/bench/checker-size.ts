/**
 * What `paxbench check FILE` takes as histories grow: time, and the process's memory at its highest, by operations over keys of
 * 100 operations each. `node test/bench/checker-size.ts [OPERATIONS...]`. Lines hold what checkers see in practice: times, indices.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "paxbench";
import { answerValue, callValue } from "../../src/check/operation-json.ts";
import { linearizableHistory } from "../check/linearizability/histories.ts";

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100_000, 300_000, 1_000_000];
const launcher = fileURLToPath(new URL("../../bin/run.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "paxbench-check-"));
const told = "data:text/javascript,process.on('exit',()=>console.log(process.resourceUsage().maxRSS,process.cpuUsage().user))";

const write = (file: string, operations: number): void => {
  const history = linearizableHistory(createRandom(1, "size"), {
    operations, clients: 20, keys: operations / 100, mix: ["read", "write", "cas"], value: (_, n) => n, unknown: 0,
  });
  /** By place: the operation that is called there, or, negative, returns there; from 1 on. */
  const events = new Int32Array(Math.max(...history.slice(-100).map(({ returned }) => returned)) + 1);
  for (const [i, { called, returned }] of history.entries()) {
    events[called] = i + 1;
    events[returned] = -i - 1;
  }
  const output = openSync(file, "w");
  let text = "";
  let index = 0;
  for (const event of events) {
    if (event === 0) continue;
    const operation = history[Math.abs(event) - 1]!;
    const [type, value] = event > 0 ? ["invoke", callValue(operation)] : ["ok", answerValue(operation)];
    text += `${JSON.stringify({ index, process: operation.client, type, f: operation.f, key: operation.key, value, time: 1000 * index++ })}\n`;
    if (text.length < 1 << 20) continue;
    writeSync(output, text);
    text = "";
  }
  writeSync(output, text);
  closeSync(output);
};

const first: { seconds?: number } = {};
for (const operations of sizes) {
  const file = join(folder, "history.jsonl");
  write(file, operations);
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", told, launcher, "check", file], { encoding: "utf8" });
  if (status !== 0) throw new Error(stdout + stderr);
  const [, rss, cpu] = /(\d+) (\d+)\s*$/.exec(stdout)!.map(Number);
  const seconds = cpu! / 1e6;
  first.seconds ??= seconds / operations;
  const size = (statSync(file).size / 2 ** 20).toFixed(0);
  console.log(
    `${operations.toLocaleString("en-US").padStart(9)} operations, ${size.padStart(4)} MiB: ${seconds.toFixed(1).padStart(5)} s of CPU, ` +
      `an operation ${(seconds / operations / first.seconds).toFixed(2)} of the first; ${(rss! / 1024).toFixed(0).padStart(5)} MiB at most`,
  );
}
rmSync(folder, { recursive: true });
