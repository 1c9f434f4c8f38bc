/** What links, crashes and restarts do to messages, and what replicas are told. One way takes 10 ms. */
import { millisecond, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import type { Fault } from "../../src/sim/scenario.ts";
import { simulateProtocol, type TestRun } from "../support/simulation.ts";
import { createChatter, type Heard } from "./chatter.ts";

const delay = 10;

/** Chatter for 300 ms of virtual time, with faults at the given ms. */
const chat = (steps: readonly (readonly [ms: number, fault: Fault])[], run: TestRun = {}) => {
  const { protocol, heard, links } = createChatter();
  simulateProtocol(protocol, {
    clientsPerSite: 0, warmup: 0, duration: 300 * millisecond, ...run,
    scenario: { name: "test", summary: "", steps: steps.map(([ms, fault]) => ({ at: ms * millisecond, fault })) },
  });
  return {
    links,
    heard,
    /** Numbers that `by` heard from a life of `from` up to 300 ms. */
    numbers: (from: ReplicaId, by: ReplicaId, life = 0): number[] =>
      heard
        .filter((one) => one.from === from && one.by === by && one.life === life && one.at <= 300 * millisecond)
        .map(({ number }) => number),
  };
};

const range = (first: number, last: number): number[] => Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);

test("without faults everything arrives, in order", () => {
  const { numbers, links } = chat([]);
  expect(numbers(0, 1)).toEqual(range(1, 290));
  expect(links).toEqual([]);
});

test("jitter keeps the order of each link: a message waits for the ones before it", () => {
  const { heard } = chat([], { jitter: 25 * millisecond });
  const lateness = new Set<number>();
  const last = new Map<string, number>();
  for (const { at, from, by, number } of heard) {
    expect(number).toBe((last.get(`${from}→${by}`) ?? 0) + 1);
    last.set(`${from}→${by}`, number);
    lateness.add(at - (number + delay) * millisecond);
  }
  expect(Math.max(...lateness)).toBeGreaterThan(20 * millisecond);
  expect(Math.min(...lateness)).toBeLessThan(10 * millisecond);
});

describe("a cut link", () => {
  const cut = chat([[100.5, { type: "cut", from: 0, to: 1 }], [200.5, { type: "heal" }]]);

  test("loses what is on the way, what is sent meanwhile, and nothing else", () => {
    expect(cut.numbers(0, 1)).toEqual([...range(1, 90), ...range(201, 290)]);
  });

  test("is cut one way", () => {
    for (const [from, by] of [[1, 0], [0, 2], [2, 1]] as const) expect(cut.numbers(from, by), `${from}→${by}`).toEqual(range(1, 290));
  });

  test("tells nobody until a new connection stands; then both ends", () => {
    expect(cut.links).toEqual(["210500 µs at 0: 1 down", "210500 µs at 0: 1 up", "210500 µs at 1: 0 down", "210500 µs at 1: 0 up"]);
  });
});

test("an isolated replica neither hears nor is heard; the others do not notice", () => {
  const { numbers, links } = chat([[100.5, { type: "isolate", replica: 1 }], [200.5, { type: "heal" }]]);
  for (const [from, by] of [[1, 0], [0, 1], [1, 2], [2, 1]] as const) {
    expect(numbers(from, by), `${from}→${by}`).toEqual([...range(1, 90), ...range(201, 290)]);
  }
  expect(numbers(0, 2)).toEqual(range(1, 290));
  expect(new Set(links.map((line) => line.replace(/^.*at /, "")))).toEqual(
    new Set(["0: 1 down", "0: 1 up", "1: 0 down", "1: 0 up", "1: 2 down", "1: 2 up", "2: 1 down", "2: 1 up"]),
  );
});

describe("a crash", () => {
  const crash = chat([[100.5, { type: "crash", replica: 0 }], [200.5, { type: "restart", replica: "all" }]]);

  test("does not call back what was sent before", () => {
    expect(crash.numbers(0, 1, 0)).toEqual(range(1, 100));
  });

  test("loses what was on the way to the replica, and what arrives while it is down", () => {
    const numbers = crash.numbers(1, 0);
    expect(numbers.filter((number) => number <= 190)).toEqual(range(1, 90));
    expect(numbers.at(-1)).toBe(290);
  });

  test("ends the timers of that life; the next life has its journal and its own", () => {
    expect(crash.numbers(0, 1, 1)).toEqual(range(1, 89));
    expect(new Set(crash.heard.map(({ life }: Heard) => life))).toEqual(new Set([0, 1]));
  });

  test("is told to the others as their connections break, and as they stand again", () => {
    expect(crash.links).toEqual([
      "110500 µs at 1: 0 down", "110500 µs at 2: 0 down", "210500 µs at 1: 0 up", "210500 µs at 2: 0 up",
    ]);
  });

  test("of a replica that is down, or a restart of one that is up, is nothing", () => {
    const twice = chat([
      [100.5, { type: "crash", replica: 0 }], [150, { type: "crash", replica: 0 }], [160, { type: "restart", replica: 1 }],
      [200.5, { type: "restart", replica: 0 }], [250, { type: "restart", replica: "all" }],
    ]);
    expect(twice.heard).toEqual(crash.heard);
  });
});

test("a record that was not durable when its replica crashed is lost with it", () => {
  const steps = [[4, { type: "crash", replica: 0 }], [20, { type: "restart", replica: 0 }]] as const;
  const lives = (sync: number): Set<number> =>
    new Set(chat(steps, { sync }).heard.filter(({ from }) => from === 0).map(({ life }) => life));
  expect(lives(3999)).toEqual(new Set([0, 1]));
  expect(lives(5000)).toEqual(new Set([0])); // it knows of no earlier life
});
