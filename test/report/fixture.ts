import type { LatencyCurve, ResultFile, RunResult, SiteResult } from "../../src/experiment/result.ts";
import type { Figure } from "../../src/report/figures.ts";
import { cast } from "../../src/report/look.ts";
import { page } from "../../src/report/page.ts";
import { type Section, sections } from "../../src/report/sections.ts";
import { allRuns, type Source } from "../../src/report/source.ts";
import { latencyKinds, type LatencySummary } from "../../src/measure/latency.ts";

export const siteNames = ["Virginia", "Oregon", "Ireland", "Tokyo", "São Paulo"];

const percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999];

/** A run as it could have been measured: site by site further away, each protocol slower than the one before. */
export function run(protocol: number, changes: Partial<RunResult> & { siteCount?: number; baseMs?: number } = {}): RunResult {
  const { siteCount = 5, baseMs = 40, ...rest } = changes;
  const slower = 1 + protocol * 0.3;
  const sites = Array.from({ length: siteCount }, (_, replica): SiteResult => {
    const floorMs = baseMs * (1 + replica * 0.35);
    return {
      site: siteNames[replica] ?? `site-${replica}`,
      replica,
      throughputOpsPerSec: 1000 / (floorMs * slower),
      latencyMs: latencies(floorMs * slower, 2000),
      floorMs,
    };
  });
  return {
    protocol: `protocol-${protocol}`,
    title: `Protocol ${"ABCDEF"[protocol]}`,
    external: false,
    transport: "sim",
    simulated: true,
    costs: null,
    work: null,
    topology: "world",
    replicas: siteCount,
    leader: sites[0]!.site,
    workload: { name: "conflict", conflict: 0.3 },
    options: {},
    clientsPerSite: 10,
    openLoop: null,
    seed: 1,
    repeat: 0,
    durationMs: 10_000,
    warmupMs: 2000,
    steady: null,
    completed: 2000 * siteCount,
    failed: 0,
    unknown: 0,
    nodes: null,
    machine: null,
    warnings: [],
    gone: [],
    lost: [],
    throughputOpsPerSec: 12_345 / slower,
    timeline: { windowMs: 100, completed: Array.from({ length: 100 }, (_, window) => 1234 - (window % 7) * 20) },
    latencyMs: latencies(baseMs * slower * 1.5, 2000 * siteCount),
    sites,
    paths: protocol === 0 ? { fast: 1620, slow: 380, fastRate: 0.81 } : null,
    conflictRate: { nominal: 0.3, measured: 0.297 },
    messages: { count: 80_000, bytes: 4_000_000, perCommand: 8 },
    leaderChanges: 0,
    longestStallMs: baseMs * 3,
    linkLatenessMs: null,
    faults: null,
    checks: { linearizable: true, ledger: true, converged: true, exactlyOnce: true, durable: true, agreement: true, leaders: true, invariants: true },
    violations: [],
    thresholds: [],
    replay: `paxbench run -p protocol-${protocol} --seed ${rest.seed ?? 1}`,
    environment: {
      paxbench: "0.1.0",
      git: "0123abc",
      node: "24.21.0",
      cpu: "A processor",
      cores: 2,
      load: 0.4,
      durability: "none",
    },
    ...rest,
  };
}

export function resultOf(...runs: RunResult[]): ResultFile {
  return { schema: "paxbench.result/1", incomplete: false, runs };
}

/** Four protocols at five sites. */
export const world = resultOf(run(0), run(1), run(2), run(3));

/** Curves that pass through each run's own p50 and p99. */
export function curvesOf(result: ResultFile): LatencyCurve[] {
  return result.runs.flatMap((one, index) =>
    latencyKinds.map((kind) => {
      const { count, p50, p99 } = one.latencyMs[kind];
      const points = percentiles.map((percentile) => ({
        percentile,
        ms: Math.max(p50 / 2, p50 + ((p99 - p50) * Math.log(2 - percentile / 50)) / Math.log(0.02)),
      }));
      return { run: index, kind, count, points: count === 0 ? [] : points };
    }),
  );
}

export const sourceOf = (result: ResultFile, curves = curvesOf(result), folder = "/results/some/time"): Source => ({ folder, result, curves });

export const sectionsOf = (...sources: Source[]): Section[] => sections(sources, cast(allRuns(sources).map(({ protocol }) => protocol), []));

export const figuresOf = (...sources: Source[]): Figure[] => sectionsOf(...sources).flatMap(({ figures }) => figures);

/** Without its figures. */
export const pageOf = (...sources: Source[]): string => page({ sources, sections: [], drawings: new Map(), timelines: new Map() });

export const noLatency: LatencySummary = { count: 0, mean: 0, min: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 };

/** A run in which nobody was answered. */
export function silent(protocol: number): RunResult {
  const nothing = { commit: noLatency, execute: noLatency, response: noLatency };
  const { sites, ...rest } = run(protocol);
  return {
    ...rest,
    completed: 0,
    throughputOpsPerSec: 0,
    timeline: { windowMs: 100, completed: Array.from({ length: 100 }, () => 0) },
    latencyMs: nothing,
    paths: null,
    sites: sites.map((site) => ({ ...site, throughputOpsPerSec: 0, latencyMs: nothing })),
  };
}

function latencies(p50: number, count: number) {
  return {
    commit: summary(p50 * 0.9, count),
    execute: summary(p50 * 1.2, count),
    response: summary(p50 * 1.25, count),
  };
}

function summary(p50: number, count: number): LatencySummary {
  const at = (factor: number) => p50 * factor;
  return {
    count,
    mean: at(1.1),
    min: at(0.5),
    p50,
    p90: at(1.4),
    p95: at(1.6),
    p99: at(2.1),
    p999: at(3),
    max: at(4),
  };
}
