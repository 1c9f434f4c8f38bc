/**
 * Memory over a long run: each protocol over tcp at a steady rate, with all replicas up and with one killed for good. Of each
 * process, heap in use (the least of every ten seconds: what a collection left) and resident set, and by how much they
 * grew over the second half. Ten minutes a run:
 *
 *     node test/campaigns/soak.ts [--minutes 10] [--protocols raft,epaxos] [--rate 4000] [--dead none,one] [--set KEY=VALUE…]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { figure, table } from "../../src/cli/table.ts";
import { listPlugins } from "../../src/runtime/modules.ts";
import type { Sample } from "./memory-probe.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    protocols: { type: "string", default: listPlugins("protocol").join(",") },
    rate: { type: "string", default: "4000" },
    dead: { type: "string", default: "none,one" },
    set: { type: "string", multiple: true, default: [] },
  },
});

const bin = fileURLToPath(new URL("../../bin/run.js", import.meta.url));
const probe = new URL("memory-probe.ts", import.meta.url).href;
const window = 10_000;
const mebibyte = 2 ** 20;

const soak = async (protocol: string, dead: string): Promise<readonly Sample[]> => {
  const folder = mkdtempSync(join(tmpdir(), "paxbench-soak-"));
  try {
    const [samples, scenario] = [join(folder, "samples.jsonl"), join(folder, "dead.yaml")];
    writeFileSync(scenario, JSON.stringify({ name: "one replica dead", steps: [{ at: "1s", crash: "follower" }] }));
    const args = [
      bin, "run", "-p", protocol, "--transport", "tcp", "--rate", values.rate, "--duration", `${Number(values.minutes) * 60}s`,
      "--out", join(folder, "result"), ...values.set.flatMap((setting) => ["--set", setting]), ...(dead === "one" ? ["--scenario", scenario] : []),
    ];
    const env = { ...process.env, NODE_OPTIONS: `--import=${probe}`, PAXBENCH_SOAK: samples };
    const run = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    run.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(run, "close")) as [number | null];
    console.log(`\n${said.trim()}`);
    if (code !== 0) throw new Error(`the run of ${protocol} ended with exit code ${code}`);
    return readFileSync(samples, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as Sample);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The least of each window, and when that began. */
const floors = (samples: readonly Sample[], figureOf: (sample: Sample) => number): (readonly [at: number, least: number])[] => {
  const least = new Map<number, number>();
  for (const sample of samples) {
    const at = Math.floor(sample.at / window) * window;
    least.set(at, Math.min(least.get(at) ?? Infinity, figureOf(sample)));
  }
  return [...least];
};

/** Of the line of least squares, a minute. */
const growth = (points: readonly (readonly [at: number, value: number])[]): number => {
  const mean = (of: (point: readonly [number, number]) => number): number => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanAt, meanValue] = [mean(([at]) => at), mean(([, value]) => value)];
  const spread = mean(([at]) => (at - meanAt) ** 2);
  return spread === 0 ? 0 : (mean(([at, value]) => (at - meanAt) * (value - meanValue)) / spread) * 60_000;
};

const head = ["process", "heap at half, MiB", "at the end", "growth a minute", "resident at half, MiB", "at the end", "growth a minute"];
for (const protocol of values.protocols.split(",")) {
  for (const dead of values.dead.split(",")) {
    const samples = await soak(protocol, dead);
    const names = [...new Set(samples.map((sample) => sample.name))].sort();
    const rows = names.map((name) => {
      const own = samples.filter((sample) => sample.name === name);
      const cells = [(sample: Sample) => sample.heapUsed, (sample: Sample) => sample.rss].flatMap((figureOf) => {
        const points = floors(own, figureOf);
        const half = points.slice(Math.floor(points.length / 2), -1); // in the last one the run ends, and is reported
        return [half[0]![1] / mebibyte, half.at(-1)![1] / mebibyte, growth(half) / mebibyte].map((value) => figure(value));
      });
      return [name, ...cells];
    });
    console.log(`\n${protocol}, dead: ${dead}\n\n${table(head, rows)}`);
  }
}
