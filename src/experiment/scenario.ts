import { z } from "zod";
import type { ReplicaId } from "../core/ids.ts";
import { parseDuration } from "../core/option.ts";
import type { Fault, Scenario, Step } from "../sim/scenario.ts";
import { builtIn, fileOf, readShaped } from "./input.ts";

export const scenarioNames = (): string[] => [...builtIn("scenarios").keys()];

const duration = z.unknown().transform((given, context) => {
  const micros = typeof given === "string" ? parseDuration(given) : undefined;
  if (micros !== undefined) return micros;
  context.addIssue({ code: "custom", message: `${JSON.stringify(given)} is no time: allowed is a number with us, ms, s or m` });
  return z.NEVER;
});

/** One line on a built-in scenario. */
export const scenarioSummary = (name: string): string => loadScenario(name, ["any"]).summary ?? "";

/** The form of a file: `name`, and `steps` of a time after warm-up and one fault each. `sites` may stand for replicas. */
const shapeFor = (sites: readonly string[]): z.ZodType<Scenario> => {
  /** A replica by number, by its site, or by one of `words`. */
  const replicaOr = <const W extends string>(...words: readonly W[]) =>
    z.unknown().transform((given, context): ReplicaId | W => {
      const word = words.find((allowed) => allowed === given);
      const id = typeof given === "string" ? sites.indexOf(given) : given;
      if (word !== undefined) return word;
      if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < sites.length) return id;
      const allowed = [...words, `0..${sites.length - 1}`, ...sites].join(", ");
      context.addIssue({ code: "custom", message: `no replica ${JSON.stringify(given)}: allowed: ${allowed}` });
      return z.NEVER;
    });
  const target = replicaOr("leader", "follower");
  const faults = {
    crash: target.transform((id): Fault => ({ type: "crash", replica: id })),
    restart: replicaOr("all").transform((id): Fault => ({ type: "restart", replica: id })),
    cut: z.tuple([target, target]).transform(([from, to]): Fault => ({ type: "cut", from, to })),
    isolate: target.transform((id): Fault => ({ type: "isolate", replica: id })),
    heal: z.literal("all").transform((): Fault => ({ type: "heal" })),
  };
  const kinds = Object.keys(faults).join(", ");
  const step = z
    .object({ at: duration })
    .extend(z.object(faults).partial().shape)
    .strict()
    .transform(({ at, ...given }, context): Step => {
      const [fault, ...more] = Object.values(given).filter((value) => value !== undefined);
      if (fault !== undefined && more.length === 0) return { at, fault };
      context.addIssue({ code: "custom", message: `a step has exactly one of ${kinds}` });
      return z.NEVER;
    });
  return z.object({ name: z.string().min(1), summary: z.string().default(""), steps: z.array(step) }).strict();
};

/** A built-in scenario by name, or a file. Throws a `UsageError`. */
export const loadScenario = (spec: string, sites: readonly string[]): Scenario =>
  readShaped(fileOf("--scenario", spec, builtIn("scenarios")), shapeFor(sites));
