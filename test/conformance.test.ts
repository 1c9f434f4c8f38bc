/** What every protocol must hold, checked alike for each folder of protocols/. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createRandom, second, type Codec } from "paxbench";
import { Reader, Writer } from "../src/core/bytes.ts";
import { listPlugins, loadProtocol, resolvePlugin } from "../src/runtime/modules.ts";
import type { Fault, Scenario } from "../src/sim/scenario.ts";
import { simulateProtocol, traceOf, type AnyProtocol, type TestRun } from "./support/simulation.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const protocols = await Promise.all(
  listPlugins("protocol").map(async (name) => (await loadProtocol(resolvePlugin("protocol", name, root))) as AnyProtocol),
);

const scenario = (...steps: readonly (readonly [seconds: number, fault: Fault])[]): Scenario => ({
  name: "test",
  steps: steps.map(([seconds, fault]) => ({ at: seconds * second, fault })),
});

/** Runs after which nothing may be wrong and nothing open. */
const sound: readonly (readonly [string, TestRun])[] = [
  ["one replica", { replicas: 1, sync: 500 }],
  ["two replicas", { replicas: 2 }],
  ["three replicas", { replicas: 3 }],
  ["four replicas", { replicas: 4 }],
  ["five replicas, every command on one key", { replicas: 5, conflict: 1 }],
  ["seven replicas", { replicas: 7 }],
  ["links of varying delay", { replicas: 5, jitter: 15_000, seed: 7 }],
  ["disks that take their time", { replicas: 3, sync: 700 }],
  ["many clients", { replicas: 3, clientsPerSite: 60, duration: second }],
  ["another first leader", { replicas: 3, initialLeader: 2 }],
  ["a follower that dies and comes back from its journal",
    { duration: 8 * second, scenario: scenario([1, { type: "crash", replica: "follower" }], [4, { type: "restart", replica: "all" }]) }],
  ["a leader that dies and comes back from its journal",
    { duration: 8 * second, scenario: scenario([1, { type: "crash", replica: "leader" }], [4, { type: "restart", replica: "all" }]) }],
  ["the same, with a disk that loses what was not synced",
    { duration: 8 * second, sync: 700, scenario: scenario([1, { type: "crash", replica: "leader" }], [4, { type: "restart", replica: "all" }]) }],
  ["the whole cluster down and up again",
    { duration: 8 * second, scenario: scenario([1, { type: "crash", replica: 0 }], [1, { type: "crash", replica: 1 }], [1, { type: "crash", replica: 2 }], [3, { type: "restart", replica: "all" }]) }],
  ["a replica that is cut off for a while",
    { duration: 8 * second, replicas: 5, scenario: scenario([1, { type: "isolate", replica: "follower" }], [4, { type: "heal" }]) }],
  ["a link that is cut one way for a while",
    { duration: 8 * second, replicas: 3, scenario: scenario([1, { type: "cut", from: 0, to: 2 }], [4, { type: "heal" }]) }],
];

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))("%s", (_, protocol) => {
  it.each([["messages", protocol.messages], ["records", protocol.records]])("%s survive the codec", (name, codec) => {
    for (let seed = 1; seed <= 300; seed++) {
      const value = codec.sample(createRandom(seed, name));
      expect(decoded(codec, encoded(codec, value)), `seed ${seed}`).toEqual(value);
    }
  });

  it("refuses messages that are cut off anywhere", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const bytes = encoded(protocol.messages, protocol.messages.sample(createRandom(seed, "cut")));
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decoded(protocol.messages, bytes.slice(0, length)), `seed ${seed}, ${length} bytes`).toThrow(/cut off/);
      }
    }
  });

  it.each(sound)("is sound with %s", (__, run) => {
    const { violations, unknown, recorder, executedCommands } = simulateProtocol(protocol, run);
    expect(violations).toEqual([]);
    expect(unknown).toBe(0);
    expect(recorder.counts.completed).toBeGreaterThan(0);
    expect(executedCommands).toEqual(executedCommands.map(() => executedCommands[0]));
  });

  it("is the same run with the same seed, and another with another", () => {
    const run: TestRun = { replicas: 5, jitter: 3000, duration: second / 2 };
    const trace = traceOf(protocol, { ...run, seed: 1 });
    expect(trace.length).toBeGreaterThan(50);
    expect(traceOf(protocol, { ...run, seed: 1 })).toEqual(trace);
    expect(traceOf(protocol, { ...run, seed: 2 })).not.toEqual(trace);
  });
});

const encoded = (codec: Codec<unknown>, value: unknown): Uint8Array => {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.copy();
};

const decoded = (codec: Codec<unknown>, bytes: Uint8Array): unknown => {
  const reader = new Reader(bytes);
  const value = codec.read(reader);
  reader.expectDone();
  return value;
};
