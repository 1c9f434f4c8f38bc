/**
 * The same experiment in the simulator, in threads and in processes, side by side: do medians agree? Exit code 1 where
 * the medians of commit latency part by more than 10 % of the simulator's, which docs/transports.md says why they may.
 *
 *     node test/validate-transports.ts -p all --topology epaxos5-aws-2020 --leader CA --clients 1 --repeat 3
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Histogram } from "hdr-histogram-js";
import { onInterrupt } from "../src/cli/interrupt.ts";
import { figure, table } from "../src/cli/table.ts";
import { UsageError } from "../src/core/errors.ts";
import { jobsOf, runExperiment } from "../src/experiment/experiment.ts";
import { planOf, transports, type RunFlags, type Transport } from "../src/experiment/plan.ts";
import { createHistogram, type LatencyKind } from "../src/measure/latency.ts";
import { Recorder } from "../src/measure/recorder.ts";

const tolerance = 0.1;
/** ms. What is shorter is the machine's affair more than the network's. */
const judgedFrom = 10;

const { values } = parseArgs({
  options: {
    protocol: { type: "string", short: "p", multiple: true, default: ["all"] },
    topology: { type: "string", default: "epaxos5-aws-2020" },
    leader: { type: "string", default: "0" },
    clients: { type: "string", default: "1" },
    conflict: { type: "string", default: "0" },
    duration: { type: "string", default: "5s" },
    warmup: { type: "string", default: "2s" },
    seed: { type: "string", default: "1" },
    repeat: { type: "string", default: "3" },
    // In virtual time requests seldom arrive in one instant, in a turn of a busy machine they do.
    set: { type: "string", multiple: true, default: ["batch=1"] },
  },
});

/** One protocol in one transport, its repeats put together. */
interface Measured {
  readonly recorder: Recorder;
  readonly lateness: Histogram;
}

type Results = Map<string, Map<Transport, Measured>>;

const measure = async (results: Results, transport: Transport, scratch: string, signal: AbortSignal): Promise<readonly string[]> => {
  const flags: RunFlags = { ...values, workload: "conflict", transport, durability: "none" };
  const plan = await planOf(flags, process.cwd());
  await runExperiment(
    jobsOf(plan),
    scratch,
    {
      finished(_, { protocol, violations, unknown, replay }, { recorder, lateness }) {
        if (violations.length > 0 || unknown > 0) throw new Error(`a run that is not clean: ${replay}`);
        const byTransport = results.get(protocol) ?? new Map<Transport, Measured>();
        results.set(protocol, byTransport);
        const sum = byTransport.get(transport) ?? { recorder: new Recorder(plan.replicas), lateness: createHistogram() };
        byTransport.set(transport, sum);
        sum.recorder.add(recorder);
        if (lateness !== null) sum.lateness.add(lateness);
      },
    },
    signal,
  );
  return plan.sites;
};

const atPercentile = (histogram: Histogram, percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000;

const signed = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;

/** One row a protocol and site; `parted`: how many medians are off by more than the tolerance. */
const compare = (results: Results, sites: readonly string[], kind: LatencyKind): { readonly text: string; readonly parted: number } => {
  const live = transports.filter((transport) => transport !== "sim");
  let parted = 0;
  const rows = [...results].flatMap(([protocol, measured]) =>
    sites.map((site, replica) => {
      const median = (transport: Transport): number => atPercentile(measured.get(transport)!.recorder.histogram(kind, replica), 50);
      const simulated = median("sim");
      const cells = live.flatMap((transport) => {
        const share = median(transport) / simulated - 1;
        if (simulated >= judgedFrom && Math.abs(share) > tolerance) parted++;
        return [figure(median(transport)), signed(share)];
      });
      return [`${protocol} ${site}`, figure(simulated), ...cells];
    }),
  );
  const header = [`${kind} p50, ms`, "sim", ...live.flatMap((transport) => [transport, "to sim"])];
  return { text: table(header, rows), parted };
};

const lateness = (results: Results): string => {
  const rows = [...results].flatMap(([protocol, measured]) =>
    [...measured].filter(([transport]) => transport !== "sim").map(([transport, { lateness: late }]) =>
      [`${protocol} ${transport}`, ...[50, 90, 99].map((percentile) => figure(atPercentile(late, percentile)))],
    ),
  );
  return table(["links late by, ms", "p50", "p90", "p99"], rows);
};

const scratch = mkdtempSync(join(tmpdir(), "paxbench-validate-"));
try {
  const results: Results = new Map();
  const signal = onInterrupt();
  let sites: readonly string[] = [];
  for (const transport of ["sim", "inproc", "tcp"] as const) {
    if (!signal.aborted) sites = await measure(results, transport, join(scratch, "cluster"), signal);
  }
  if (signal.aborted) process.exitCode = 130;
  else {
    const commit = compare(results, sites, "commit");
    process.stdout.write(`${[commit.text, compare(results, sites, "response").text, lateness(results)].join("\n\n")}\n`);
    const verdict = commit.parted === 0 ? "all medians of commit latency agree" : `medians of commit latency that part: ${commit.parted}`;
    process.stdout.write(`\n${verdict} (within ${tolerance * 100} %, where they are ${judgedFrom} ms or more)\n`);
    if (commit.parted > 0) process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
} finally {
  rmSync(scratch, { recursive: true });
}
