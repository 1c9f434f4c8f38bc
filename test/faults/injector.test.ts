import { describe, expect, test } from "vitest";
import { Injector, type FaultHost } from "../../src/faults/injector.ts";
import type { Fault } from "../../src/faults/scenario.ts";

/** Takes down what it is asked to do. Replica 1 of four leads, 3 was asked last. */
const createHost = (down: readonly number[] = [], sound = true) => {
  const calls: string[] = [];
  const isDown = new Set(down);
  const host: FaultHost = {
    replicas: 4,
    leader: 1,
    asked: 3,
    sound,
    isUp: (replica) => !isDown.has(replica),
    crash: (replica, unsynced) => {
      isDown.add(replica);
      calls.push(`crash ${replica} ${unsynced}`);
    },
    wipe: (replica) => calls.push(`wipe ${replica}`),
    restart: (replica) => {
      isDown.delete(replica);
      calls.push(`restart ${replica}`);
    },
    befall: (replica, { type }) => calls.push(`${type} ${replica}`),
    healMachines: () => calls.push("heal machines"),
    impair: (from, to, change) => calls.push(`${from}→${to} ${JSON.stringify(change)}`),
    mend: (from, to) => calls.push(`mend ${from}→${to}`),
    injecting: () => {},
    injected: () => {},
  };
  return { host, calls };
};

const callsFor = (fault: Fault, down: readonly number[] = []): string[] => {
  const { host, calls } = createHost(down);
  new Injector(host, []).inject(fault);
  return calls;
};

const cut = '{"cut":true}';

const meanings: readonly (readonly [string, Fault, readonly string[], down?: readonly number[]])[] = [
  ["a leader", { type: "crash", replica: "leader" }, ["crash 1 lost"]],
  ["who was asked", { type: "crash", replica: "asked", unsynced: "torn" }, ["crash 3 torn"]],
  ["the lowest follower that is up", { type: "crash", replica: "follower" }, ["crash 2 lost"], [0]],
  ["the leader, for want of followers", { type: "crash", replica: "follower" }, ["crash 1 lost"], [0, 2, 3]],
  ["followers by number, up or not", { type: "pause", replica: "follower2", for: 5 }, ["pause 2"], [2]],
  ["all but those that are down", { type: "crash", replica: "all" }, ["crash 0 lost", "crash 1 lost", "crash 3 lost"], [2]],
  ["nobody, who is down already", { type: "crash", replica: 2 }, [], [2]],
  ["all that are down", { type: "restart", replica: "all" }, ["restart 0", "restart 2"], [0, 2]],
  ["nobody, who is up", { type: "restart", replica: 2 }, []],
  ["a disk, between crash and restart", { type: "wipe", replica: 0 }, ["crash 0 lost", "wipe 0", "restart 0"]],
  ["the disk of a replica that is down", { type: "wipe", replica: 0 }, ["wipe 0", "restart 0"], [0]],
  ["one direction", { type: "cut", from: "leader", to: 0 }, [`1→0 ${cut}`]],
  ["no link to itself", { type: "loss", from: "leader", to: 1, share: 0.5 }, []],
  ["links of one end", { type: "delay", from: "all", to: "leader", extra: 7 }, ['0→1 {"delay":7}', '2→1 {"delay":7}', '3→1 {"delay":7}']],
  ["shares by their names", { type: "duplicate", from: 0, to: 2, share: 0.25 }, ['0→2 {"duplicate":0.25}']],
  ["isolation, both ways", { type: "isolate", replica: 0 }, [`0→1 ${cut}`, `0→2 ${cut}`, `0→3 ${cut}`, `1→0 ${cut}`, `2→0 ${cut}`, `3→0 ${cut}`]],
  ["the links between others", { type: "only", pairs: [[0, "leader"], [2, 3], [0, 2], [1, 3]] }, [`0→3 ${cut}`, `1→2 ${cut}`, `2→1 ${cut}`, `3→0 ${cut}`]],
  ["a link to mend", { type: "heal", from: 0, to: "leader" }, ["mend 0→1"]],
];

for (const [whom, fault, calls, down] of meanings) test(`a fault befalls ${whom}`, () => expect(callsFor(fault, down)).toEqual(calls));

test("a heal mends every link and every machine", () => {
  const calls = callsFor({ type: "heal" });
  expect([calls.length, new Set(calls).size, calls.at(-1)]).toEqual([13, 13, "heal machines"]);
});

test("a fault is told of with replicas by number", () => {
  const told: Fault[] = [];
  const { host } = createHost();
  const injector = new Injector({ ...host, injecting: (fault) => told.push(fault) }, []);
  injector.inject({ type: "only", pairs: [["leader", "asked"]] });
  injector.inject({ type: "cut", from: "all", to: "follower1" });
  expect(told).toEqual([{ type: "only", pairs: [[1, 3]] }, { type: "cut", from: "all", to: 0 }]);
});

describe("what a protocol's model excludes", () => {
  const wipe: Fault = { type: "wipe", replica: 0 };
  const loss: Fault = { type: "loss", from: 0, to: 1, share: 1 };

  test("is left out and counted; without a word from it, a wiped disk", () => {
    const { host, calls } = createHost();
    const injector = new Injector(host);
    for (const fault of [wipe, loss, loss]) injector.inject(fault);
    expect([injector.injected, injector.excluded, calls]).toEqual([{ loss: 2 }, { wipe: 1 }, ['0→1 {"loss":1}', '0→1 {"loss":1}']]);
  });

  test("is what it says, and nothing else", () => {
    const { host } = createHost();
    const injector = new Injector(host, ["loss"]);
    for (const fault of [wipe, loss]) injector.inject(fault);
    expect([injector.injected, injector.excluded]).toEqual([{ wipe: 1 }, { loss: 1 }]);
  });
});

test("in the end all is mended, uncounted, if something is broken", () => {
  for (const sound of [true, false]) {
    const { host, calls } = createHost([2], sound);
    const injector = new Injector(host);
    injector.end();
    expect([calls.includes("heal machines"), calls.some((call) => call.startsWith("restart")), injector.injected]).toEqual([!sound, false, {}]);
  }
});
