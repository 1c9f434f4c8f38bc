/** Simulated runs for tests: small defaults, and traces that can be read. */
import { Reader } from "../core/bytes.ts";
import { second } from "../core/ids.ts";
import { parseOptions } from "../core/option.ts";
import type { Protocol } from "../core/protocol.ts";
import { readFrame } from "../engine/frames.ts";
import { loadWorkload, resolvePlugin } from "../runtime/modules.ts";
import { simulate, type SimulationOutcome } from "../sim/simulation.ts";
import { evenTopology } from "../network/topology.ts";
import type { SimulationHooks, SimulationSettings } from "../sim/world.ts";

const [conflict, mixed] = await Promise.all(["conflict", "mixed"].map((name) => loadWorkload(resolvePlugin("workload", name, "."))));

/** Of one simulation; what is left out has the defaults of `settingsFor`. */
export interface TestRun extends Partial<Omit<SimulationSettings, "protocol" | "protocolOptions" | "workloadOptions">> {
  /** As after `--set`. */
  readonly options?: Readonly<Record<string, string>>;
  readonly conflict?: number;
  /** Options of the workload `mixed`, as after `--set`: it makes the load then, in place of `conflict`. */
  readonly mixed?: Readonly<Record<string, string>>;
}

// Any protocol: its message types are its own affair.
// oxlint-disable-next-line typescript/no-explicit-any -- the only type that all protocols are assignable to
export type AnyProtocol = Protocol<any, any, any, any>;

export const settingsFor = (protocol: AnyProtocol, run: TestRun = {}): SimulationSettings => {
  const { options = {}, conflict: share = 0.3, mixed: mixedOptions, ...given } = run;
  const replicas = given.replicas ?? 3;
  return {
    protocol,
    protocolOptions: parseOptions(protocol.name, protocol.options, new Map(Object.entries(options))),
    workload: mixedOptions === undefined ? conflict! : mixed!,
    workloadOptions: mixedOptions === undefined
      ? parseOptions<object>("conflict", conflict!.options, new Map([["conflict", String(share)]]))
      : parseOptions<object>("mixed", mixed!.options, new Map(Object.entries(mixedOptions))),
    topology: evenTopology(replicas, 20),
    replicas,
    initialLeader: 0,
    clientsPerSite: 2,
    ask: "nearest",
    openLoop: null,
    seed: 1,
    warmup: second / 2,
    untilSteady: false,
    duration: 2 * second,
    requestTimeout: 2 * second,
    shortestTurn: 100,
    jitter: 0,
    sync: 0,
    batch: 16,
    scenario: null,
    costs: null,
    machine: null,
    ...given,
  };
};

export const simulateProtocol = (protocol: AnyProtocol, run: TestRun = {}, hooks: SimulationHooks = {}): SimulationOutcome =>
  simulate(settingsFor(protocol, run), hooks);

/** One line a message, in the order of sending: `time µs  from→to  type {fields}`. Commands by id, payloads left out. */
export const traceOf = (protocol: AnyProtocol, run: TestRun, lines = Infinity): string[] => {
  const trace: string[] = [];
  simulateProtocol(protocol, run, {
    sent(now, from, to, frame) {
      if (trace.length >= lines) return;
      const { type, ...fields } = readFrame(protocol, new Reader(frame));
      trace.push(`${now} ${from}→${to} ${type} ${JSON.stringify(fields, readable)}`);
    },
  });
  return trace;
};

const readable = (key: string, value: unknown): unknown => (key === "payload" || key === "keys" ? undefined : value);
