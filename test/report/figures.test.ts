import type { TopLevelSpec } from "vega-lite";
import { describe, expect, test } from "vitest";
import { curvesOf, figuresOf, resultOf, run, silent, sourceOf, world } from "./fixture.ts";

const drawn = figuresOf(sourceOf(world));

describe("figures of one setting", () => {
  test("one of each kind", () => {
    expect(drawn.map((figure) => figure.name)).toEqual([
      "latency-by-site",
      "latency-cdf",
      "latency-commit-execute",
      "throughput",
      "messages",
      "throughput-over-time",
    ]);
  });

  test("the same input gives the same bytes", () => {
    expect(JSON.stringify(figuresOf(sourceOf(world)))).toBe(JSON.stringify(drawn));
  });

  test("each says its conditions, and that its time is virtual", () => {
    for (const { spec } of drawn) {
      expect(titleOf(spec).text).toMatch(/simulated \(virtual time\)$/);
      expect(titleOf(spec).subtitle.join(" ")).toMatch(
        /sim transport.*topology world.*5 replicas.*10 clients per site.*conflict 0\.3.*10 s after 2 s.*seed 1/,
      );
    }
  });

  test("measured time is not called virtual", () => {
    const measured = resultOf(run(0, { simulated: false, transport: "tcp" }));
    expect(JSON.stringify(figuresOf(sourceOf(measured)))).not.toContain("virtual");
  });
});

describe("an external system", () => {
  const fsynced = { ...run(0).environment, durability: "fsync" };
  const external = run(1, { external: true, title: "System 1.2 (external, fsync)", environment: fsynced });

  test("stands in one figure with protocols that were run under the same load, whatever they have on disk", () => {
    const beside = resultOf(run(0), external);
    const drawnBeside = figuresOf(sourceOf(beside));
    expect(drawnBeside.map(({ name }) => name)).toEqual(drawn.map(({ name }) => name));
    expect(JSON.stringify(drawnBeside)).toContain("System 1.2 (external, fsync)");
    expect(titleOf(drawnBeside[0]!.spec).subtitle.join(" ")).toContain("durability none, fsync");
  });

  test("but not with those under another load", () => {
    const apart = resultOf(run(0, { clientsPerSite: 99 }), external);
    expect(figuresOf(sourceOf(apart)).length).toBe(2 * drawn.length);
  });
});

describe("latency by site", () => {
  test("a median and a 99th percentile for every protocol at every site", () => {
    const rows = valuesIn(specNamed("latency-by-site")).filter((row) => "p50" in row);
    expect(rows).toHaveLength(world.runs.length * 5);
    expect(rows).toContainEqual({
      site: "Virginia",
      series: "Protocol A",
      p50: world.runs[0]!.sites[0]!.latencyMs.response.p50,
      p99: world.runs[0]!.sites[0]!.latencyMs.response.p99,
    });
  });

  test("each site's floor once", () => {
    expect(floorsIn(specNamed("latency-by-site"))).toEqual(
      world.runs[0]!.sites.map(({ site, floorMs }) => ({ site, floor: floorMs })),
    );
  });

  test("no floor, nor a legend for it, where none is known", () => {
    const { sites, ...rest } = run(0);
    const bare = resultOf({ ...rest, topology: null, sites: sites.map((site) => ({ ...site, floorMs: null })) });
    const spec = specNamed("latency-by-site", bare);
    expect(floorsIn(spec)).toEqual([]);
    expect(JSON.stringify(spec)).not.toContain("round trip");
  });

  test("over several runs, the median of the runs", () => {
    const runs = [30, 50, 40].map((baseMs, repeat) => run(0, { baseMs, repeat }));
    const [row] = valuesIn(specNamed("latency-by-site", resultOf(...runs))).filter((one) => one["site"] === "Virginia" && "p50" in one);
    expect(row!["p50"]).toBe(runs[2]!.sites[0]!.latencyMs.response.p50);
  });
});

describe("latency distribution", () => {
  test("a curve ends where fewer than ten samples remain", () => {
    for (const [count, last] of [[100, 90], [1000, 99], [10_000, 99.9], [9000, 99.5]] as const) {
      const curves = curvesOf(world).map((curve) => ({ ...curve, count }));
      const nines = valuesIn(specNamed("latency-cdf", world, curves)).map((row) => Number(row["nines"]));
      expect(Math.max(...nines)).toBeCloseTo(-Math.log10(1 - last / 100));
    }
  });

  test("a line for each run, of the response alone", () => {
    const repeated = resultOf(run(0), run(0, { seed: 2, baseMs: 60 }));
    const curves = curvesOf(repeated);
    const rows = valuesIn(specNamed("latency-cdf", repeated, curves));
    expect(new Set(rows.map((row) => row["run"]))).toEqual(new Set([0, 1]));
    const responses = new Set(curves.filter((one) => one.kind === "response").flatMap((one) => one.points.map((point) => point.ms)));
    expect(rows.filter((row) => !responses.has(Number(row["ms"])))).toEqual([]);
  });

  test("linear up to two decades, logarithmic beyond", () => {
    expect(JSON.stringify(specNamed("latency-cdf"))).not.toContain('"log"');
    const far = resultOf(run(0, { baseMs: 0.05 }), run(1, { baseMs: 40 }));
    expect(JSON.stringify(specNamed("latency-cdf", far))).toContain('"log"');
  });
});

describe("series", () => {
  test("a failed check follows the protocol's name in every figure", () => {
    const checks = { ...run(1).checks, ledger: false, exactlyOnce: false };
    const result = resultOf(run(0), run(1, { checks }));
    for (const { spec } of figuresOf(sourceOf(result))) {
      expect(JSON.stringify(spec)).toContain("Protocol B ✗\u00a0ledger, exactly once");
      expect(JSON.stringify(spec)).not.toContain("Protocol A ✗");
    }
  });

  test("a protocol keeps its colour in all figures, whatever the order of the runs", () => {
    const colours = drawn.map(({ spec }) => colourOf(spec, "Protocol C"));
    expect(new Set(colours).size).toBe(1);
    const reversed = resultOf(...world.runs.toReversed());
    expect(colourOf(specNamed("throughput", reversed), "Protocol C")).toBe(colours[0]);
    expect(colourOf(drawn[0]!.spec, "Protocol D")).not.toBe(colours[0]);
  });

  test("options that differ tell series of one protocol apart", () => {
    const result = resultOf(run(0, { options: { batch: 1, thrifty: true } }), run(0, { options: { batch: 8, thrifty: true } }));
    expect(seriesIn(specNamed("throughput", result))).toEqual(["Protocol A batch=1", "Protocol A batch=8"]);
  });

  test("versions of a protocol stand side by side, and an option that came with one is not told beside", () => {
    const before = run(0, { environment: { ...run(0).environment, git: "abc" } });
    const result = resultOf(before, run(0, { options: { batch: 1 } }));
    expect(seriesIn(specNamed("throughput", result))).toEqual(["Protocol A at 0123abc", "Protocol A at abc"]);
  });

  test("measured on another machine, never in one figure; simulated, always", () => {
    const drawnOn = [false, true].map((simulated) => {
      const other = run(1, { simulated, environment: { ...run(1).environment, cpu: "Another" } });
      return figuresOf(sourceOf(resultOf(run(0, { simulated }), other))).filter(({ name }) => name.startsWith("throughput,") || name === "throughput").length;
    });
    expect(drawnOn).toEqual([2, 1]);
  });

  test("protocols that share a title go by their names too", () => {
    const result = resultOf(run(0, { title: "Same" }), run(1, { title: "Same" }));
    expect(seriesIn(specNamed("throughput", result))).toEqual(["Same (protocol-0)", "Same (protocol-1)"]);
  });
});

describe("settings", () => {
  test("a simulated run that stands in two results is one, a measured one is another each time", () => {
    const points = [true, false].map((simulated) => {
      const result = resultOf(run(0, { simulated }));
      const figure = figuresOf(sourceOf(result), sourceOf(result, [], "/results/copy/time")).find(({ name }) => name === "throughput")!;
      return valuesIn(figure.spec).filter((row) => "value" in row).length;
    });
    expect(points).toEqual([0, 2]);
  });

  test("runs under different conditions never share a figure", () => {
    const swept = resultOf(
      ...[0, 0.5].flatMap((conflict) => [0, 1].map((id) => run(id, { workload: { name: "conflict", conflict } }))),
    );
    const names = figuresOf(sourceOf(swept)).map((figure) => figure.name);
    expect(names).toHaveLength(12);
    expect(names).toContain("throughput,conflict=0");
    expect(names).toContain("throughput,conflict=0.5");
    expect(seriesIn(specNamed("throughput,conflict=0.5", swept))).toEqual(["Protocol A", "Protocol B"]);
  });

  test("a name from a file cannot lead a figure out of its folder", () => {
    const result = resultOf(run(0, { topology: "../../etc" }), run(0, { topology: "b" }));
    for (const { name } of figuresOf(sourceOf(result, []))) expect(name).not.toMatch(/[/\\]/);
  });
});

describe("missing values", () => {
  test("no figure without anything to show", () => {
    expect(figuresOf(sourceOf(resultOf(), []))).toEqual([]);
    const nothing = resultOf(silent(0), silent(1));
    expect(figuresOf(sourceOf(nothing))).toEqual([]);
  });

  test("a protocol that nobody got a reply from is named, and leaves the others their figures", () => {
    const result = resultOf(run(0), silent(1));
    const specs = figuresOf(sourceOf(result));
    expect(specs).toHaveLength(6);
    expect(seriesIn(specNamed("throughput", result))).toContain("Protocol B (no replies)");
  });
});

describe("throughput over time", () => {
  const faults = {
    injected: { crash: 1, restart: 1, delay: 1 }, excluded: {}, recoveredAfterMs: 250,
    events: [
      { atMs: 1000, fault: { type: "crash", replica: 0 } as const },
      { atMs: 1500, fault: { type: "delay", from: 1, to: "all", extra: 5000 } as const },
      { atMs: 4000, fault: { type: "restart", replica: 0 } as const },
      { atMs: 10_500, fault: { type: "heal" } as const },
    ],
  };

  test("a rate for every window, the last one to its end, and a panel for every protocol", () => {
    const spec = specNamed("throughput-over-time");
    expect(valuesIn(spec).filter((row) => "rate" in row)).toHaveLength(404);
    expect(valuesIn(spec)).toContainEqual({ run: 0, at: 0.1, rate: 12_140 });
    expect(titlesIn(spec)).toEqual(world.runs.map(({ title }) => title));
  });

  test("many windows are taken together", () => {
    const timeline = { windowMs: 100, completed: Array.from({ length: 1000 }, () => 5) };
    const rates = valuesIn(specNamed("throughput-over-time", resultOf(run(0, { timeline, durationMs: 100_000 })))).filter((row) => "rate" in row);
    expect(rates).toHaveLength(251);
    expect(rates.slice(-2)).toEqual([{ run: 0, at: 99.6, rate: 50 }, { run: 0, at: 100, rate: 50 }]);
  });

  test("faults are bands from their beginning to their end, and labels that do not cover each other", () => {
    const spec = specNamed("throughput-over-time", resultOf(run(0, { faults })));
    const bands = valuesIn(spec).filter((row) => "track" in row);
    expect(new Set(bands.map((band) => JSON.stringify(band)))).toEqual(new Set([
      JSON.stringify({ from: 1, until: 4, text: "crash 0", track: 0 }),
      JSON.stringify({ from: 1.5, until: 10, text: "delay 5 ms 1 → all", track: 1 }),
    ]));
    expect(JSON.stringify(spec)).toContain("longest time without a reply 120 ms · recovered 250 ms after all was mended");
  });

  test("too short a run has no course", () => {
    const short = resultOf(run(0, { timeline: { windowMs: 100, completed: [1, 2] } }));
    expect(figuresOf(sourceOf(short)).map(({ name }) => name)).not.toContain("throughput-over-time");
  });
});

function specNamed(name: string, result = world, curves = curvesOf(result)): TopLevelSpec {
  return figuresOf(sourceOf(result, curves)).find((figure) => figure.name === name)!.spec;
}

function titleOf(spec: TopLevelSpec) {
  return spec.title as { text: string; subtitle: string[] };
}

type Row = Readonly<Record<string, unknown>>;

/** Every row of data in a specification, of whatever layer. */
function valuesIn(spec: TopLevelSpec): Row[] {
  const rows: Row[] = [];
  JSON.stringify(spec, (key, value: unknown) => {
    if (key === "data") rows.push(...(value as { values: Row[] }).values);
    return value;
  });
  return rows;
}

function titlesIn(spec: TopLevelSpec): unknown[] {
  return (spec as unknown as { vconcat: { title: { text: string } }[] }).vconcat.map(({ title }) => title.text);
}

function floorsIn(spec: TopLevelSpec): Row[] {
  return valuesIn(spec).filter((row) => "floor" in row);
}

function seriesIn(spec: TopLevelSpec): unknown[] {
  return valuesIn(spec).map((row) => row["series"]);
}

function colourOf(spec: TopLevelSpec, series: string): string | undefined {
  const colours: string[] = [];
  JSON.stringify(spec, (key, value: unknown) => {
    if (key === "color" && value !== null && typeof value === "object" && "scale" in value) {
      const { domain, range } = value.scale as { domain: string[]; range: string[] };
      colours.push(range[domain.indexOf(series)]!);
    }
    return value;
  });
  return colours[0];
}
