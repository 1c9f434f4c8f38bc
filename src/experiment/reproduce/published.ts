/** Published figures as files: what a paper printed, each value with how it was read, and the runs that stand beside it. */
import { basename } from "node:path";
import { z } from "zod";
import { UsageError } from "../../core/errors.ts";
import { builtIn, fields, readShaped } from "../input.ts";
import type { RunFlags } from "../plan.ts";
import { runFields } from "../sweep/plan-file.ts";

const text = z.string({ error: "allowed is a text" }).min(1, { error: "allowed is a text" });
const positive = z.number({ error: "allowed is a number" }).min(0, { error: "allowed is a number from 0 on" });

const point = fields({
  /** Where it stands on the figure's first axis: a site's name where a site is measured. */
  at: z.union([text, z.number()]),
  /** In the figure's unit, or a word. */
  value: z.union([text, positive]),
  /** Measured on the plot, not printed. */
  readOffPlot: z.boolean(),
  /** Of reading it, in the figure's unit, to either side. */
  error: positive.default(0),
  /** The paper says that it is at least this. */
  atLeast: z.boolean().default(false),
  note: text.optional(),
  run: runFields.default({}),
});

/** What is measured of ours, by kind. */
const measure = z.discriminatedUnion("kind", [
  /** `over`: at the point's site; or the mean, the least or the largest of all sites that have it. */
  fields({
    kind: z.literal("latency"),
    of: z.enum(["commit", "execute", "response"]),
    statistic: z.enum(["p50", "mean"]),
    over: z.enum(["site", "mean", "min", "max"]),
  }),
  fields({ kind: z.literal("throughput") }),
  /**
   * Time without a leader after a crash, over so many trials. `rttMs`: between all replicas; several where the paper does not
   * say how its broadcast time came about. `limit`: ms after which a trial is given up.
   */
  fields({
    kind: z.literal("election"),
    statistic: z.enum(["median", "mean", "min", "max"]),
    rttMs: z.array(positive).min(1),
    trials: z.number().int().min(1),
    limitMs: positive,
  }),
  /** From a scenario's first fault to the first reply to a request made after its last one, in `timeoutMs`; over so many seeds. */
  fields({ kind: z.literal("service"), statistic: z.enum(["median", "verdict"]), timeoutMs: positive, seeds: z.number().int().min(1) }),
]);

/** A closed form of `network/closed-forms.ts`; `quorum`: of those that decide, where it is no majority. */
const theory = fields({ form: z.enum(["leader", "fast", "slow"]), quorum: z.number().int().min(1).optional() });

const series = fields({ name: text, measure, theory: theory.optional(), run: runFields.default({}), points: z.array(point).min(1) });

const shape = fields({
  title: text,
  paper: text,
  figure: text,
  /** What the paper ran. */
  setup: text,
  /** What the paper does not say, and what is different here. */
  inferred: z.array(text).default([]),
  differs: z.array(text).default([]),
  /** Share of the published value by which ours may be off, beside the error of reading it. */
  tolerance: fields({ share: positive, why: text }),
  unit: z.string(),
  x: text,
  y: text,
  /** Values are compared as multiples of this series' at the same place. */
  relativeTo: text.optional(),
  run: runFields.default({}),
  series: z.array(series).min(1),
});

export type Published = z.infer<typeof shape> & { readonly id: string };
export type PublishedSeries = Published["series"][number];
export type PublishedPoint = PublishedSeries["points"][number];
export type Measure = PublishedSeries["measure"];
export type Theory = z.infer<typeof theory>;
/** Flags that a file, a series or a point sets. */
export type GivenFlags = { readonly [K in keyof RunFlags]?: RunFlags[K] | undefined };

export const publishedIds = (): string[] => [...builtIn("published").keys()];

/** A built-in one by name. Throws a `UsageError`. */
export const loadPublished = (id: string): Published => {
  const file = builtIn("published").get(id);
  if (file === undefined) throw new UsageError(`no published figure ${id}: allowed: ${[...publishedIds(), "all"].join(", ")}`);
  const published = { id: basename(file).replace(/\.yaml$/, ""), ...readShaped(file, shape) };
  const { relativeTo, series: all } = published;
  if (relativeTo !== undefined && !all.some(({ name }) => name === relativeTo)) {
    throw new UsageError(`${file}: relativeTo: no series ${relativeTo}; allowed: ${all.map(({ name }) => name).join(", ")}`);
  }
  return published;
};
