/** What every protocol must hold: a list of named cases for any test runner, for any protocol, by name, path or package. */
import { isDeepStrictEqual } from "node:util";
import type { Codec } from "../core/codec.ts";
import { UsageError } from "../core/errors.ts";
import { second } from "../core/ids.ts";
import { parseOptions } from "../core/option.ts";
import type { Protocol } from "../core/protocol.ts";
import { createRandom } from "../core/random.ts";
import { quoted } from "../core/shell.ts";
import { caseOf, type CaseLimits } from "../fuzz/case.ts";
import { replayOf } from "../fuzz/replay.ts";
import runSeeds, { type SubjectSpec } from "../fuzz/task.ts";
import { loadProtocol, loadWorkload, resolvePlugin, validateOptions } from "../runtime/modules.ts";
import { decoded, encoded } from "./codecs.ts";
import { simulateProtocol, traceOf, type TestRun } from "./simulation.ts";
import { soundRuns } from "./sound-runs.ts";

export interface ConformanceCase {
  readonly name: string;
  /** Throws an `Error` that says what is wrong and how to see it again. Deterministic. */
  readonly run: () => Promise<void>;
}

export interface SuiteOptions {
  /** Of the protocol, as after `--set`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Runs under random faults; default 50. */
  readonly seeds?: number;
}

/**
 * `protocol`: a built-in name, a path from the working directory, a file URL or a package. Numbers of replicas that its
 * `validate` refuses are left out, as are faults that it `excludes`. Throws a `UsageError` for what is no protocol.
 */
export const protocolSuite = async (protocol: string, { options = {}, seeds = 50 }: SuiteOptions = {}): Promise<ConformanceCase[]> => {
  const url = resolvePlugin("protocol", protocol, process.cwd());
  const module = await loadProtocol(url);
  if (module.orders === false) throw new UsageError(`${module.name}: a yardstick, which orders nothing; allowed is a protocol`);
  const values = optionsOf(module, options);
  const sizes = [1, 2, 3, 4, 5, 7].filter((replicas) => accepts(module, values, replicas));
  if (sizes.length === 0) validateOptions(module, 3, values);
  const set = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const settings = set.map((setting) => ` --set ${quoted(setting)}`).join("");
  const cases: Case[] = [
    ...codecCases(module),
    ...soundRuns.filter(({ run }) => sizes.includes(run.replicas)).map(({ name, run }) => soundCase(module, name, { ...run, options })),
    sameSeedCase(module, { replicas: sizes.includes(5) ? 5 : sizes.at(-1)!, jitter: 3000, duration: second / 2, options }),
  ];
  return [
    ...cases.map(({ name, complaints }) => ({
      name,
      run: () => judge(name, complaints, `paxbench test -p ${quoted(protocol)} --only ${quoted(name)}${settings}`),
    })),
    ...(await fuzzCases(sizes, { protocol: url, options: values }, seeds, { protocol, workload: "mixed", set })),
  ];
};

const optionsOf = ({ name, options }: Protocol, given: Readonly<Record<string, string>>): object => {
  const unknown = Object.keys(given).find((option) => !Object.hasOwn(options, option));
  if (unknown !== undefined) throw new UsageError(`${name} has no option ${unknown}: allowed: ${Object.keys(options).sort().join(", ") || "none"}`);
  return parseOptions<object>(name, options, new Map(Object.entries(given)));
};

/** Yields what is wrong; nothing: all is well. */
interface Case {
  readonly name: string;
  readonly complaints: () => Iterable<string>;
}

/** The first few complaints: what follows is mostly of the same kind. */
const shown = 5;

const judge = async (name: string, complaints: Case["complaints"], replay: string): Promise<void> => {
  let found: string[];
  try {
    found = [...complaints()];
  } catch (error) {
    throw new Error(failureText(name, [String(error)], replay), { cause: error });
  }
  if (found.length > 0) throw new Error(failureText(name, found.slice(0, shown), replay));
};

const failureText = (name: string, lines: readonly string[], replay: string): string =>
  [name, ...lines.map((line) => line.replaceAll(/^/gm, "  ")), `  replay: ${replay}`].join("\n");

const accepts = (protocol: Protocol, options: object, replicas: number): boolean => {
  try {
    validateOptions(protocol, replicas, options);
    return true;
  } catch {
    return false;
  }
};

const codecCases = ({ messages, records }: Protocol): Case[] =>
  [{ name: "messages", codec: messages as Codec<unknown> }, { name: "records", codec: records as Codec<unknown> }].flatMap(({ name, codec }) => [
    {
      name: `${name} survive the codec`,
      complaints: function* () {
        for (let seed = 1; seed <= 300; seed++) {
          const value = codec.sample(createRandom(seed, name));
          const back = decoded(codec, encoded(codec, value));
          if (!isDeepStrictEqual(back, value)) yield `${JSON.stringify(value)} came back as ${JSON.stringify(back)}`;
        }
      },
    },
    {
      name: `${name} that are cut off are refused`,
      complaints: function* () {
        for (let seed = 1; seed <= 50; seed++) {
          const value = codec.sample(createRandom(seed, "cut"));
          const bytes = encoded(codec, value);
          for (let length = 0; length < bytes.length; length++) {
            if (isRead(codec, bytes.slice(0, length))) yield `${length} of ${bytes.length} bytes of ${JSON.stringify(value)} were read`;
          }
        }
      },
    },
  ]);

const isRead = (codec: Codec<unknown>, bytes: Uint8Array): boolean => {
  try {
    decoded(codec, bytes);
    return true;
  } catch {
    return false;
  }
};

const soundCase = (protocol: Protocol, name: string, run: TestRun): Case => ({
  name,
  complaints: function* () {
    const { violations, failed, unknown, recorder, executedCommands } = simulateProtocol(protocol, run);
    for (const { check, detail } of violations) yield `${check}: ${detail}`;
    const open = failed + unknown;
    if (open > 0) yield `liveness: ${open} requests open 30 s after the load ended and everything was mended`;
    if (recorder.counts.completed === 0) yield "liveness: no request was answered";
    if (new Set(executedCommands).size !== 1) yield `replicas executed ${executedCommands.join(", ")} commands`;
  },
});

const sameSeedCase = (protocol: Protocol, run: TestRun): Case => ({
  name: "the same run with the same seed, another with another",
  complaints: function* () {
    const trace = traceOf(protocol, { ...run, seed: 1 });
    const again = traceOf(protocol, { ...run, seed: 1 });
    const differs = trace.findIndex((line, place) => line !== again[place]);
    if (differs >= 0) yield `message ${differs + 1} of a run was ${trace[differs]}, and of the same run again ${again[differs] ?? "none"}`;
    if (trace.length < again.length) yield `a run sent ${trace.length} messages, and the same run again ${again.length}`;
    if (isDeepStrictEqual(trace, traceOf(protocol, { ...run, seed: 2 }))) yield "another seed made the same run";
  },
});

const fuzzCases = async (
  allowed: readonly number[],
  { protocol: url, options }: Pick<SubjectSpec, "protocol" | "options">,
  seeds: number,
  typed: Parameters<typeof replayOf>[0],
): Promise<ConformanceCase[]> => {
  const sizes = [3, 5, 7].filter((replicas) => allowed.includes(replicas));
  if (sizes.length === 0) return [];
  const limitsOf = (seed: number): CaseLimits =>
    sizes.includes(caseOf(seed).replicas) ? {} : { replicas: sizes[seed % sizes.length] };
  const workload = resolvePlugin("workload", typed.workload, process.cwd());
  const workloadOptions = parseOptions<object>(typed.workload, (await loadWorkload(workload)).options, new Map());
  const subject: SubjectSpec = { protocol: url, options, workload, workloadOptions };
  const name = `random faults, seeds 1 to ${seeds}`;
  const run = async (): Promise<void> => {
    for (let seed = 1; seed <= seeds; seed++) {
      const [failure] = (await runSeeds({ subject, seeds: [seed], limits: limitsOf(seed), shrink: true })).failures;
      if (failure === undefined) continue;
      const { kind, detail } = failure.finding;
      throw new Error(failureText(name, [`seed ${seed}, ${kind}: ${detail}`], replayOf(typed, failure)));
    }
  };
  return [{ name, run }];
};
