/** Sweeps that are written down: the form of a plan's file. */
import { z } from "zod";
import type { RunFlags } from "../plan.ts";
import { builtIn, fields, fileOf, readPlaced, readShaped } from "../input.ts";
import { problemOfKey, valuesOf, variedFlags, type Axis } from "./vary.ts";

export interface PlanFile {
  readonly name: string;
  readonly summary: string;
  /** Flags of `run`; what is absent has its default. */
  readonly run: Partial<RunFlags>;
  readonly axes: readonly Axis[];
  /** `file:line:column` of what varies under a key, or of all that varies. */
  placeOf(key: string | undefined): string;
}

export const planNames = (): string[] => [...builtIn("plans").keys()];

/** One line on a built-in plan. */
export const planSummary = (name: string): string =>
  readShaped(builtIn("plans").get(name)!, z.looseObject({ summary: z.string().default("") })).summary;

const scalar = z.union([z.string().min(1), z.number(), z.boolean()], { error: "allowed is a text, a number, true or false" }).transform(String);

const listed = (given: unknown): unknown => (Array.isArray(given) ? given : [given]);

/** A list, a range such as 1..8, or one value. */
const values = z.preprocess(listed, z.array(scalar).min(1, { error: "allowed is a list with at least one value" })).transform((texts, context) => {
  const found = valuesOf(texts);
  if (typeof found !== "string") return found;
  context.addIssue({ code: "custom", message: found });
  return z.NEVER;
});

const said = (what: string) => ({ error: ({ input }: { readonly input?: unknown }): string => (input === undefined ? `is missing: ${what}` : what) });

const mapping = said("allowed is a mapping of names to values");

const vary = z.record(z.string(), values, mapping).superRefine((given, context) => {
  for (const key of Object.keys(given)) {
    const problem = problemOfKey(key);
    if (problem !== null) context.addIssue({ code: "custom", path: [key], message: problem });
  }
});

/** Flags of `run` as a file has them. */
export const runFields = fields({
  protocol: z.preprocess(listed, z.array(scalar)).optional(),
  ...(Object.fromEntries(variedFlags.map((flag) => [flag, scalar.optional()])) as Record<(typeof variedFlags)[number], z.ZodOptional<typeof scalar>>),
  repeat: scalar.optional(),
  history: z.boolean({ error: "allowed is true or false" }).optional(),
  set: z
    .record(z.string(), scalar, mapping)
    .transform((given) => Object.entries(given).map(([name, value]) => `${name}=${value}`))
    .optional(),
});

const text = z.string(said("allowed is a text"));
const shape = fields({ name: text.min(1, { error: "allowed is a text" }), summary: text.default(""), run: runFields.default({}), vary });

/** A built-in plan by name, or a file. Throws a `UsageError`. */
export const loadPlan = (spec: string): PlanFile => {
  const { content, placeOf } = readPlaced(fileOf("--plan", spec, builtIn("plans")), shape);
  const { name, summary, vary: varied } = content;
  return {
    name,
    summary,
    run: Object.fromEntries(Object.entries(content.run).filter(([, value]) => value !== undefined)),
    axes: Object.entries(varied).map(([key, texts]) => ({ key, texts })),
    placeOf: (key) => placeOf(key === undefined ? ["vary"] : key in varied ? ["vary", key] : key in content.run ? ["run", key] : ["run", "set", key]),
  };
};
