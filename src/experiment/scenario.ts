import { z } from "zod";
import type { Micros, ReplicaId } from "../core/ids.ts";
import { parseDuration } from "../core/option.ts";
import type { Fault, Scenario, Step, Target } from "../faults/scenario.ts";
import { builtIn, fields, fileOf, readShaped } from "./input.ts";

export const scenarioNames = (): string[] => [...builtIn("scenarios").keys()];

/** One line on a built-in scenario, whatever replicas it asks for. */
export const scenarioSummary = (name: string): string =>
  readShaped(builtIn("scenarios").get(name)!, z.looseObject({ summary: z.string().default("") })).summary;

const duration = z.unknown().transform((given, context): Micros => {
  const micros = typeof given === "string" ? parseDuration(given) : undefined;
  if (micros !== undefined) return micros;
  const what = given === undefined ? "missing" : `${JSON.stringify(given)} is no time`;
  context.addIssue({ code: "custom", message: `${what}: allowed is a number with us, ms, s or m` });
  return z.NEVER;
});

const numberIn = (min: number, max: number) => {
  const error = `allowed is a number in ${min}..${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};

const unsynced = z.enum(["lost", "kept", "torn"], { error: "allowed is lost, kept or torn" });

/** A word or a mapping. Unlike a union it says what is wrong with the form that was meant. */
const either = <A, B>(word: z.ZodType<A>, mapping: z.ZodType<B>) =>
  z.unknown().transform((given, context): A | B => {
    const result = (typeof given === "object" ? mapping : word).safeParse(given);
    if (result.success) return result.data;
    for (const { message, path } of result.error.issues) context.addIssue({ code: "custom", message, path: [...path] });
    return z.NEVER;
  });

/**
 * The faults, each under its type: `crash: leader`, or `loss: { from: leader, to: all, share: 0.1 }`. Replicas go by
 * number, by site, or by a word of `Target`.
 */
const faultsAt = (sites: readonly string[]) => {
  const followers = sites.slice(1).map((_, index): Target => `follower${index + 1}`);
  const replicaOr = <const W extends Target | "all">(words: readonly W[], more: readonly W[] = []) =>
    z.unknown().transform((given, context): ReplicaId | W => {
      const word = [...words, ...more].find((allowed) => allowed === given);
      const id = typeof given === "string" ? sites.indexOf(given) : given;
      if (word !== undefined) return word;
      if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < sites.length) return id;
      const allowed = [...words, `0..${sites.length - 1}`, ...sites, ...more].join(", ");
      context.addIssue({ code: "custom", message: `no replica ${JSON.stringify(given)}: allowed: ${allowed}` });
      return z.NEVER;
    });
  const target = replicaOr<Target>(["leader", "asked", "follower"], followers);
  const end = replicaOr<Target | "all">(["all", "leader", "asked", "follower"], followers);
  const link = z.tuple([end, end], { error: "allowed is [from, to]" });
  const pairs = "allowed is a list of pairs: [[replica, replica], …]";
  const share = fields({ from: end, to: end, share: numberIn(0, 1) });
  const alone = target.transform((replica) => ({ replica }));
  const crashed = end.transform((replica) => ({ replica }));
  const withFate = fields({ replica: end, unsynced });
  return {
    crash: either(crashed, withFate).transform((given): Fault => ({ type: "crash", ...given })),
    restart: replicaOr(["all"]).transform((replica): Fault => ({ type: "restart", replica })),
    crashBeforeSync: alone.transform((given): Fault => ({ type: "crashBeforeSync", ...given })),
    wipe: alone.transform((given): Fault => ({ type: "wipe", ...given })),
    pause: fields({ replica: target, for: duration }).transform((given): Fault => ({ type: "pause", ...given })),
    slow: fields({ replica: target, each: duration }).transform((given): Fault => ({ type: "slow", ...given })),
    slowDisk: fields({ replica: target, sync: duration }).transform((given): Fault => ({ type: "slowDisk", ...given })),
    clock: z
      .strictObject({ replica: target, rate: numberIn(0.01, 100).default(1), jump: duration.default(0) })
      .transform((given): Fault => ({ type: "clock", ...given })),
    cut: link.transform(([from, to]): Fault => ({ type: "cut", from, to })),
    loss: share.transform((given): Fault => ({ type: "loss", ...given })),
    duplicate: share.transform((given): Fault => ({ type: "duplicate", ...given })),
    reorder: share.transform((given): Fault => ({ type: "reorder", ...given })),
    delay: z
      .strictObject({ from: end, to: end, extra: duration })
      .transform((given): Fault => ({ type: "delay", ...given })),
    isolate: alone.transform((given): Fault => ({ type: "isolate", ...given })),
    only: z.array(z.tuple([target, target], { error: pairs }), { error: pairs }).transform((pairs): Fault => ({ type: "only", pairs })),
    heal: either(
      z.literal("all", { error: "allowed is all or [from, to]" }).transform((): Fault => ({ type: "heal" })),
      link.transform(([from, to]): Fault => ({ type: "heal", from, to })),
    ),
  };
};

/** The form of a file: `name`, and `steps` of a time after warm-up and one fault each. */
const shapeFor = (sites: readonly string[]): z.ZodType<Scenario> => {
  const faults = faultsAt(sites);
  const kinds = Object.keys(faults).join(", ");
  const step = fields({ at: duration, ...z.object(faults).partial().shape }).transform(({ at, ...given }, context): Step => {
    const [fault, ...more] = Object.values(given).filter((value) => value !== undefined);
    if (fault !== undefined && more.length === 0) return { at, fault };
    context.addIssue({ code: "custom", message: `a step has exactly one of ${kinds}` });
    return z.NEVER;
  });
  const text = z.string({ error: "allowed is a text" });
  const steps = z.array(step, { error: "allowed is a list of steps, each a time and a fault" });
  return fields({ name: text.min(1, { error: "allowed is a text" }), summary: text.default(""), steps });
};

/** A built-in scenario by name, or a file. Throws a `UsageError`. */
export const loadScenario = (spec: string, sites: readonly string[]): Scenario =>
  readShaped(fileOf("--scenario", spec, builtIn("scenarios")), shapeFor(sites));
