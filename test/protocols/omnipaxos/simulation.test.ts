/** Whole runs in virtual time. */
import { millisecond, second, type Micros } from "paxbench";
import { describe, expect, test } from "vitest";
import omnipaxos from "../../../protocols/omnipaxos/index.ts";
import { Reader } from "../../../src/core/bytes.ts";
import { readFrame } from "../../../src/engine/frames.ts";
import type { Fault, Scenario } from "../../../src/faults/scenario.ts";
import type { Topology } from "../../../src/network/topology.ts";
import { evenTopology, simulateProtocol, traceOf, type TestRun } from "paxbench/testing";

const electionTimeout = 100;
const options = { electionTimeout: String(electionTimeout) };

const scenario = (...steps: readonly (readonly [at: Micros, fault: Fault])[]): Scenario => ({
  name: "test",
  summary: "",
  steps: steps.map(([at, fault]) => ({ at, fault })),
});

const faults: Readonly<Record<string, (replicas: number) => Scenario | null>> = {
  "no faults": () => null,
  "the leader crashes and restarts": () =>
    scenario([300 * millisecond, { type: "crash", replica: "leader" }], [900 * millisecond, { type: "restart", replica: "all" }]),
  "the leader restarts within a round": () =>
    scenario([300 * millisecond, { type: "crash", replica: "leader" }], [310 * millisecond, { type: "restart", replica: "all" }]),
  "the leader and a follower cannot reach each other for a second": () =>
    scenario(
      [300 * millisecond, { type: "cut", from: 0, to: 1 }],
      [300 * millisecond, { type: "cut", from: 1, to: 0 }],
      [1300 * millisecond, { type: "heal" }],
    ),
  "all crash and restart": (replicas) =>
    scenario(
      ...Array.from({ length: replicas }, (_, replica) => [300 * millisecond, { type: "crash", replica }] as const),
      [500 * millisecond, { type: "restart", replica: "all" }],
    ),
};

describe("agreement, progress and equal execution", () => {
  for (const [name, given] of Object.entries(faults)) {
    for (const replicas of [3, 5, 7]) {
      test.each([1, 2, 3])(`${replicas} replicas, ${name}, seed %i`, (seed) => {
        const run: TestRun = { replicas, seed, options, jitter: 5 * millisecond, sync: 500, scenario: given(replicas) };
        const { violations, unknown, executedCommands, recorder } = simulateProtocol(omnipaxos, run);
        expect(violations).toEqual([]);
        expect(unknown).toBe(0);
        expect(new Set(executedCommands).size).toBe(1);
        expect(recorder.counts.completed).toBeGreaterThan(40);
        // Rounds are not aligned: who raises its ballot first may lead until a higher one of the same n is heard.
        expect(recorder.counts.leaderChanges).toBeGreaterThanOrEqual(run.scenario === null ? 0 : 1);
        expect(recorder.counts.leaderChanges).toBeLessThanOrEqual(run.scenario === null ? 0 : 2);
      });
    }
  }
});

test("a new leader is there within four rounds of the crash of the old one", () => {
  const run: TestRun = {
    replicas: 5, options, requestTimeout: (electionTimeout * millisecond) / 2,
    scenario: scenario([500 * millisecond, { type: "crash", replica: "leader" }], [1500 * millisecond, { type: "restart", replica: "all" }]),
  };
  const { recorder } = simulateProtocol(omnipaxos, run);
  expect(recorder.counts.longestStall).toBeLessThan(4 * electionTimeout * millisecond);
});

/** When replica 0's prepare phase ended. */
const firstLed = (run: TestRun): Micros => {
  const led: Micros[] = [];
  simulateProtocol(omnipaxos, { topology: evenTopology(3, 400), warmup: 2 * second, duration: second, ...run }, {
    sent(now, from, _to, frame) {
      if (from === 0 && readFrame(omnipaxos, new Reader(frame)).type === "acceptSync") led.push(now);
    },
  });
  return led[0]!;
};

test("a leader is there after two round trips, long before the first round would end", () => {
  expect(firstLed({})).toBe(800 * millisecond);
});

test("a round is durable at the leader before its prepare leaves, and at a follower before its promise does", () => {
  expect(firstLed({ sync: 100 * millisecond })).toBe(1000 * millisecond);
});

test.each([1, 3])("%i replicas: no acceptance counts before it is durable, the leader's own neither", (replicas) => {
  const sync = 50 * millisecond;
  const { recorder, unknown } = simulateProtocol(omnipaxos, { replicas, sync, clientsPerSite: 1 });
  const median = recorder.histogram("response", 0).getValueAtPercentile(50);
  expect(unknown).toBe(0);
  expect(median).toBeGreaterThan(0.99 * (sync + (replicas === 1 ? 0 : 20 * millisecond)));
});

/** Round trips of five sites, ms; like those between cloud regions, and no two alike. */
const wide: Topology = {
  name: "wide",
  sites: ["A", "B", "C", "D", "E"],
  rttMs: [
    [0, 60, 140, 22, 110],
    [60, 0, 80, 70, 160],
    [140, 80, 0, 150, 230],
    [22, 70, 150, 0, 100],
    [110, 160, 230, 100, 0],
  ],
};

test("a client waits for its round trip to the leader and the leader's to a majority: followers learn decisions at once", () => {
  const { recorder } = simulateProtocol(omnipaxos, { replicas: 5, topology: wide, clientsPerSite: 1, warmup: second, duration: 20 * second });
  const leaderToMajority = 60; // A is one of the three, D the second, B the third
  for (const [site, toLeader] of wide.rttMs[0]!.entries()) {
    const median = recorder.histogram("response", site).getValueAtPercentile(50) / 1000;
    const expected = toLeader + leaderToMajority;
    expect(Math.abs(median - expected) / expected, `site ${site}: ${median} ms`).toBeLessThan(0.01);
  }
});

test("the story of a start and one command", () => {
  const lines = traceOf(omnipaxos, { clientsPerSite: 1, topology: evenTopology(3, 2) }, 44);
  expect(lines).toMatchInlineSnapshot(`
    [
      "0 0→1 prepareRequest {}",
      "0 0→2 prepareRequest {}",
      "0 0→1 heartbeat {"round":1}",
      "0 0→2 heartbeat {"round":1}",
      "0 1→0 prepareRequest {}",
      "0 1→2 prepareRequest {}",
      "0 1→0 heartbeat {"round":1}",
      "0 1→2 heartbeat {"round":1}",
      "0 2→0 prepareRequest {}",
      "0 2→1 prepareRequest {}",
      "0 2→0 heartbeat {"round":1}",
      "0 2→1 heartbeat {"round":1}",
      "1000 1→0 heartbeatReply {"round":1,"ballot":33,"quorumConnected":true}",
      "1000 2→0 heartbeatReply {"round":1,"ballot":34,"quorumConnected":true}",
      "1000 0→1 heartbeatReply {"round":1,"ballot":64,"quorumConnected":true}",
      "1000 2→1 heartbeatReply {"round":1,"ballot":34,"quorumConnected":true}",
      "1000 0→2 heartbeatReply {"round":1,"ballot":64,"quorumConnected":true}",
      "1000 1→2 heartbeatReply {"round":1,"ballot":33,"quorumConnected":true}",
      "2000 0→1 prepare {"ballot":64,"acceptedRound":0,"length":0,"decided":0}",
      "2000 0→2 prepare {"ballot":64,"acceptedRound":0,"length":0,"decided":0}",
      "2000 0→1 heartbeat {"round":2}",
      "2000 0→2 heartbeat {"round":2}",
      "2000 1→0 heartbeat {"round":2}",
      "2000 1→2 heartbeat {"round":2}",
      "2000 2→0 heartbeat {"round":2}",
      "2000 2→1 heartbeat {"round":2}",
      "3000 1→0 promise {"ballot":64,"acceptedRound":0,"length":0,"decided":0,"suffix":[]}",
      "3000 2→0 promise {"ballot":64,"acceptedRound":0,"length":0,"decided":0,"suffix":[]}",
      "3000 1→0 heartbeatReply {"round":2,"ballot":33,"quorumConnected":true}",
      "3000 2→0 heartbeatReply {"round":2,"ballot":34,"quorumConnected":true}",
      "3000 0→1 heartbeatReply {"round":2,"ballot":64,"quorumConnected":true}",
      "3000 2→1 heartbeatReply {"round":2,"ballot":34,"quorumConnected":true}",
      "3000 0→2 heartbeatReply {"round":2,"ballot":64,"quorumConnected":true}",
      "3000 1→2 heartbeatReply {"round":2,"ballot":33,"quorumConnected":true}",
      "4000 0→1 acceptSync {"ballot":64,"from":0,"suffix":[],"decided":0}",
      "4000 0→2 acceptSync {"ballot":64,"from":0,"suffix":[],"decided":0}",
      "5000 1→0 accepted {"ballot":64,"length":0}",
      "5000 2→0 accepted {"ballot":64,"length":0}",
      "57833 0→1 accept {"ballot":64,"slot":0,"command":{"id":32,"readOnly":false}}",
      "57833 0→2 accept {"ballot":64,"slot":0,"command":{"id":32,"readOnly":false}}",
      "58833 1→0 accepted {"ballot":64,"length":1}",
      "58833 2→0 accepted {"ballot":64,"length":1}",
      "59833 0→1 decide {"ballot":64,"upTo":1}",
      "59833 0→2 decide {"ballot":64,"upTo":1}",
    ]
  `);
});
