import type { RunResult, Verdict } from "../experiment/result.ts";
import { faultList } from "../report/faults.ts";
import { virtualTime } from "../report/simulated.ts";
import { figure, percent, table } from "./table.ts";

/** What a run shows in the terminal: protocols side by side, then by site, then what went wrong. */
export const summary = (runs: readonly RunResult[]): string =>
  [conditions(runs), ...thresholds(runs), overview(runs), ...openLoop(runs), ...bySite(runs), ...lateness(runs), ...nodes(runs), ...faults(runs), verdicts(runs), ...warnings(runs), ...violations(runs)].join("\n\n");

const conditions = (runs: readonly RunResult[]): string => {
  const run = runs[0]!;
  const { workload, conflictRate, transport, topology, replicas, clientsPerSite, openLoop: loop, durationMs, seed } = run;
  const load = conflictRate === null ? workload.name : `${workload.name} ${conflictRate.nominal}`;
  const clients = `${loop === null ? "" : `${figure(loop.rateOpsPerSec)} ops/s, ${loop.arrivals} arrivals, `}${clientsPerSite} clients a site`;
  const where = topology === null ? transport : `${transport} on ${topology}`;
  return [
    `${load} · ${where} · ${replicas} replicas · ${clients} · ${Number((durationMs / 1000).toPrecision(4))} s · seed ${seed}`,
    ...new Set(runs.filter(({ external }) => external).map(({ title }) => `${title}: seen by its clients alone`)),
    ...virtualTime(runs),
  ].join("\n");
};

/** First of all: whoever sets a bound wants to know whether it was kept. */
const thresholds = (runs: readonly RunResult[]): string[] => {
  const lines = runs.flatMap((run) =>
    run.thresholds.map(({ threshold, measured, unit, held }) => {
      const seen = measured === null ? "not measured" : `${figure(measured)} ${unit}`.trim();
      return `${held ? "✓" : "✗"} ${labelOf(run, runs)}: ${threshold} (${seen})`;
    }),
  );
  return lines.length === 0 ? [] : [lines.join("\n")];
};

const overview = (runs: readonly RunResult[]): string => {
  const header = ["protocol", "ops/s", "response p50", "p99", "commit p50", "execute p50", "fast path", "conflict", "msgs/op", "bytes/op"];
  return table(
    header,
    runs.map((run) => [
      labelOf(run, runs),
      figure(run.throughputOpsPerSec),
      latency(run.latencyMs.response, "p50"),
      latency(run.latencyMs.response, "p99"),
      latency(run.latencyMs.commit, "p50"),
      latency(run.latencyMs.execute, "p50"),
      run.paths === null ? "–" : percent(run.paths.fastRate),
      run.conflictRate === null ? "–" : percent(run.conflictRate.measured),
      run.messages === null ? "–" : figure(run.messages.perCommand),
      run.messages === null || run.completed === 0 ? "–" : figure(run.messages.bytes / run.completed),
    ]),
  );
};

const latency = (summary: RunResult["latencyMs"]["response"], which: "p50" | "p99"): string => (summary.count === 0 ? "–" : `${figure(summary[which])} ms`);

/** What arrived, what became of it, and what a clock that starts at the actual send would not have shown. */
const openLoop = (runs: readonly RunResult[]): string[] => {
  const header = ["open loop", "offered ops/s", "answered", "dropped", "sent late p99", "response p50", "p99", "a closed loop would show p50", "p99"];
  const rows = runs.flatMap((run) => {
    if (run.openLoop === null) return [];
    const { offeredOpsPerSec, arrived, dropped, lateMs, coordinatedMs } = run.openLoop;
    return [[
      labelOf(run, runs),
      figure(offeredOpsPerSec),
      figure(run.throughputOpsPerSec),
      dropped === 0 ? "0" : `${dropped} (${percent(dropped / arrived)})`,
      latency(lateMs, "p99"),
      latency(run.latencyMs.response, "p50"),
      latency(run.latencyMs.response, "p99"),
      latency(coordinatedMs, "p50"),
      latency(coordinatedMs, "p99"),
    ]];
  });
  return rows.length === 0 ? [] : [table(header, rows)];
};

/** Median response by site, where sites differ; with the round trip to the nearest majority beside it. */
const bySite = (runs: readonly RunResult[]): string[] => {
  const sites = runs[0]!.sites;
  if (sites.every(({ floorMs }) => floorMs === null || floorMs === sites[0]!.floorMs)) return [];
  const header = ["response p50, ms", ...sites.map(({ site }) => site)];
  const floors = ["nearest majority", ...sites.map(({ floorMs }) => (floorMs === null ? "–" : figure(floorMs)))];
  const rows = runs.map((run) => [labelOf(run, runs), ...run.sites.map((site) => (site.latencyMs.response.count === 0 ? "–" : figure(site.latencyMs.response.p50)))]);
  return [table(header, [...rows, floors])];
};

/** How exactly live links kept the topology's delays. */
const lateness = (runs: readonly RunResult[]): string[] => {
  const held = runs.filter((run) => run.linkLatenessMs !== null);
  if (held.length === 0) return [];
  const rows = held.map((run) => [labelOf(run, runs), ...(["p50", "p99", "max"] as const).map((at) => figure(run.linkLatenessMs![at]))]);
  return [table(["links late by, ms", "p50", "p99", "max"], rows)];
};

/** How much of the machine nodes used, and how long they stood still to collect garbage. */
const nodes = (runs: readonly RunResult[]): string[] => {
  const told = runs.filter((run) => run.nodes !== null);
  if (told.length === 0) return [];
  const names = [...new Set(told.flatMap((run) => run.nodes!.map(({ node }) => node)))];
  const header = ["busy, of the time", ...names, "longest pause"];
  const rows = told.map((run) => [
    labelOf(run, runs),
    ...names.map((name) => run.nodes!.find(({ node }) => node === name)).map((each) => (each === undefined ? "–" : `${Math.round(each.busy * 100)} %`)),
    `${figure(Math.max(...run.nodes!.map(({ pauses }) => pauses.longestMs)))} ms`,
  ]);
  return [table(header, rows)];
};

/** What makes numbers less than they seem. */
export const warnings = (runs: readonly RunResult[]): string[] => {
  const lines = runs.flatMap((run) => run.warnings.map(({ detail }) => `! ${labelOf(run, runs)}: ${detail}`));
  return lines.length === 0 ? [] : [lines.join("\n")];
};

/** What a scenario did, and which of its steps a protocol was spared. */
const faults = (runs: readonly RunResult[]): string[] => {
  const told = runs.filter((run) => run.faults !== null);
  if (told.length === 0) return [];
  const header = ["faults", "injected", "excluded by the protocol's model", "longest stall", "recovered after"];
  const rows = told.map((run) => {
    const { injected, excluded, recoveredAfterMs } = run.faults!;
    const recovered = recoveredAfterMs === null ? "–" : `${figure(recoveredAfterMs)} ms`;
    return [labelOf(run, runs), faultList(injected), faultList(excluded), `${figure(run.longestStallMs)} ms`, recovered];
  });
  return [table(header, rows)];
};

const mark = (verdict: Verdict): string => (verdict === "unknown" ? "?" : verdict ? "✓" : "✗");

const verdicts = (runs: readonly RunResult[]): string => {
  const checks = Object.keys(runs[0]!.checks) as (keyof RunResult["checks"])[];
  const rows = runs.map((run) => [labelOf(run, runs), ...checks.map((check) => mark(run.checks[check])), String(run.failed), String(run.unknown)]);
  const gone = runs.filter((run) => run.gone.length > 0).map((run) => `${labelOf(run, runs)}: judged without replica ${run.gone.join(", ")}, gone before the end`);
  const lost = runs.flatMap((run) => run.lost.map(({ replica, reason }) => `${labelOf(run, runs)}: replica ${replica} ${reason}`));
  return [table(["checks", ...checks, "failed requests", "open requests"], rows), "✓ held  ✗ broken  ? not judged", ...lost, ...gone].join("\n");
};

export const violations = (runs: readonly RunResult[]): string[] =>
  runs
    .filter((run) => run.violations.length > 0)
    .map((run) => [
      `✗ ${labelOf(run, runs)}`,
      ...run.violations.map(({ check, detail }) => `  ${check}: ${detail}`),
      `  replay: ${run.replay}`,
    ].join("\n"));

const labelOf = (run: RunResult, runs: readonly RunResult[]): string =>
  [run.protocol, ...(run.external ? ["(external)"] : []), ...(runs.some(({ repeat }) => repeat > 0) ? [`#${run.repeat}`] : [])].join(" ");
