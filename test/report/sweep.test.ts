import type { TopLevelSpec } from "vega-lite";
import { describe, expect, test } from "vitest";
import type { ResultFile, RunResult, Varied } from "../../src/experiment/result.ts";
import { sweepCells } from "../../src/report/sweep.ts";
import { figuresOf, resultOf, run, sourceOf } from "./fixture.ts";

type Axes = NonNullable<ResultFile["sweep"]>["vary"];

const at = (varied: Varied, seed: number): RunResult[] =>
  [0, 1].map((protocol) => run(protocol, { varied: { ...varied, seed }, seed, throughputOpsPerSec: 1000 * seed + protocol }));

/** Both protocols at each point, `seeds` times. */
const swept = (vary: Axes, points: readonly Varied[], seeds = 1): ResultFile => {
  const runs = Array.from({ length: seeds }, (_, i) => points.flatMap((point) => at(point, i + 1))).flat();
  return { ...resultOf(...runs), sweep: { vary: [...vary, { key: "seed", values: Array.from({ length: seeds }, (_, i) => i + 1) }] } };
};

const conflict = { key: "conflict", values: [0, 0.5, 1] };
const mixes = { key: "mix", values: ["a", "b"] };
const byConflict = conflict.values.map((value) => ({ conflict: value }));

const pointsIn = (spec: TopLevelSpec) => (spec as { data: { values: { series: string; x: number; median: number; low: number; high: number }[] } }).data.values;

describe("figures of a sweep", () => {
  test("each measure over the first number that varies; fast path only of those that have one", () => {
    const drawn = figuresOf(sourceOf(swept([conflict], byConflict), []));
    expect(drawn.map(({ name }) => name)).toEqual(["throughput-by-conflict", "p50-by-conflict", "p99-by-conflict", "fast-path-by-conflict", "messages-by-conflict", "bytes-by-conflict", "latency-commit-execute-by-conflict"]);
    expect(pointsIn(drawn[0]!.spec).map(({ series, x }) => `${series} ${x}`)).toEqual([0, 0.5, 1].flatMap((x) => ["A", "B"].map((p) => `Protocol ${p} ${x}`)));
    expect(new Set(pointsIn(drawn[3]!.spec).map(({ series }) => series))).toEqual(new Set(["Protocol A"]));
  });

  test("a panel for each value of what else varies", () => {
    const points = ["a", "b"].flatMap((mix) => byConflict.map((point) => ({ mix, ...point })));
    const [first] = figuresOf(sourceOf(swept([mixes, conflict], points), []));
    expect(first).toMatchObject({ name: "throughput-by-conflict", spec: { facet: { sort: ["mix a", "mix b"] } } });
    expect(pointsIn(first!.spec)).toHaveLength(12);
  });

  test("sweeps that agree in all else share their lines, from whatever results they come", () => {
    const [one, other] = [[0, "One"] as const, [1, "Other"] as const].map(([protocol, title]): ResultFile => ({
      ...resultOf(...[0, 1].map((value) => run(protocol, { title, varied: { conflict: value, seed: 1 }, workload: { name: "conflict", conflict: value } }))),
      sweep: { vary: [conflict] },
    }));
    const drawn = figuresOf(sourceOf(one!, []), sourceOf(other!, [], "/results/other/time"));
    expect(drawn.map(({ name }) => name)).toContain("throughput-by-conflict");
    expect(new Set(pointsIn(drawn[0]!.spec).map(({ series }) => series))).toEqual(new Set(["One", "Other"]));
  });

  test("commit beside execution, of those that execute later", () => {
    const result = swept([conflict], byConflict);
    const runs = result.runs.map((one) => (one.protocol === "protocol-1" ? { ...one, latencyMs: { ...one.latencyMs, execute: one.latencyMs.commit } } : one));
    const { spec } = figuresOf(sourceOf({ ...result, runs }, [])).at(-1)!;
    expect(spec).toMatchObject({ facet: { sort: ["median", "99th percentile"] } });
    expect(new Set(pointsIn(spec).map(({ series }) => series))).toEqual(new Set(["Protocol A"]));
  });

  test("says all of the conditions that vary", () => {
    const runs = ["one", "two"].map((name) => run(0, { varied: { topology: name }, topology: name, workload: { name, [name]: 1 }, durationMs: name === "one" ? 1000 : 2000 }));
    const [figure] = figuresOf(sourceOf({ ...resultOf(...runs), sweep: { vary: [{ key: "topology", values: ["one", "two"] }] } }, []));
    expect((figure!.spec.title as { subtitle: string[] }).subtitle.join(" · ")).toMatch(/topology one or topology two · .* · one or two workload · .* · 1 s after .* or 2 s after /);
  });

  test("words, and replicas beside them, make bars", () => {
    const points = ["a", "b"].flatMap((mix) => [3, 5].map((replicas) => ({ mix, replicas })));
    const drawn = figuresOf(sourceOf(swept([mixes, { key: "replicas", values: [3, 5] }], points), []));
    expect(drawn.map(({ name }) => name)).toEqual(["throughput", "p50", "p99", "fast-path", "messages", "bytes"].map((name) => `${name}-by-replicas`));
    expect(JSON.stringify(drawn[0]!.spec)).toContain('"type":"bar"');
    expect(drawn[0]!.spec).toMatchObject({ facet: { sort: ["mix a", "mix b"] } });
  });

  test("along rising load, latency over the throughput that was reached", () => {
    const clients = { key: "clients", values: [1, 2, 4] };
    const drawn = figuresOf(sourceOf(swept([clients], clients.values.map((value) => ({ clients: value }))), []));
    expect(drawn[0]).toMatchObject({ name: "latency-over-throughput-by-clients", spec: { facet: { sort: ["median", "99th percentile"] } } });
  });

  test("seeds are repeats: medians with bounds, and what those are", () => {
    const { spec } = figuresOf(sourceOf(swept([conflict], byConflict, 3), []))[0]!;
    expect(pointsIn(spec)[0]).toMatchObject({ median: 2000, low: 1000, high: 3000 });
    expect(JSON.stringify(spec)).toContain("bars: smallest to largest");
    expect(JSON.stringify(spec)).toContain("median of 3 runs");
  });

  test("where no number varies, the figures of each point", () => {
    const drawn = figuresOf(sourceOf(swept([{ key: "mix", values: ["a", "b"] }], [{ mix: "a" }, { mix: "b" }]), []));
    expect(drawn.map(({ name }) => name)).toContain("throughput");
  });
});

test("rows go by the order in which values were given, whatever runs came first", () => {
  const result = swept([conflict], byConflict);
  const cells = sweepCells({ ...result, runs: result.runs.toReversed() });
  expect(cells.map(({ varied }) => varied["conflict"])).toEqual([0, 0, 0.5, 0.5, 1, 1]);
});
