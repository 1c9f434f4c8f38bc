/** Simulated runs for tests: small defaults, and traces that can be read. */
import { second, type Protocol } from "paxbench";
import conflict from "../../workloads/conflict/index.ts";
import { Reader } from "../../src/core/bytes.ts";
import { parseOptions } from "../../src/core/option.ts";
import { readFrame } from "../../src/engine/frames.ts";
import { simulate, type SimulationOutcome } from "../../src/sim/simulation.ts";
import type { Topology } from "../../src/sim/topology.ts";
import type { SimulationHooks, SimulationSettings } from "../../src/sim/world.ts";

/** Every pair of sites `rttMs` apart. */
export const evenTopology = (sites: number, rttMs: number): Topology => ({
  name: `even-${rttMs}ms`,
  sites: Array.from({ length: sites }, (_, site) => `S${site}`),
  rttMs: Array.from({ length: sites }, (_, a) => Array.from({ length: sites }, (_, b) => (a === b ? 0 : rttMs))),
});

export interface TestRun extends Partial<Omit<SimulationSettings, "protocol" | "protocolOptions" | "workloadOptions">> {
  /** As after `--set`. */
  readonly options?: Readonly<Record<string, string>>;
  readonly conflict?: number;
}

// Any protocol: its message types are its own affair.
// oxlint-disable-next-line typescript/no-explicit-any -- the only type that all protocols are assignable to
export type AnyProtocol = Protocol<any, any, any, any>;

export const settingsFor = (protocol: AnyProtocol, run: TestRun = {}): SimulationSettings => {
  const { options = {}, conflict: share = 0.3, ...given } = run;
  const replicas = given.replicas ?? 3;
  return {
    protocol,
    protocolOptions: parseOptions(protocol.name, protocol.options, new Map(Object.entries(options))),
    workload: conflict,
    workloadOptions: { conflict: share, valueBytes: 16 },
    topology: evenTopology(replicas, 20),
    replicas,
    initialLeader: 0,
    clientsPerSite: 2,
    seed: 1,
    warmup: second / 2,
    duration: 2 * second,
    requestTimeout: 2 * second,
    shortestTurn: 100,
    jitter: 0,
    sync: 0,
    batch: 16,
    scenario: null,
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
