/** What links, crashes and restarts do to messages, and what replicas are told. One way takes 10 ms. */
import { millisecond, type FaultKind, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import { RecordedHistory } from "../../src/check/recorded-history.ts";
import type { Fault, Step } from "../../src/faults/scenario.ts";
import { evenTopology, simulateProtocol, type TestRun } from "paxbench/testing";
import { createChatter, type Heard } from "./chatter.ts";
import { createScribe } from "./scribe.ts";
import { createSequencer } from "./sequencer.ts";

const delay = 10;

/** Chatter for 300 ms of virtual time, with faults at the given ms. */
const chat = (
  steps: readonly (readonly [ms: number, fault: Fault])[],
  run: TestRun = {},
  excludes?: readonly FaultKind[],
) => {
  const { protocol, heard, links } = createChatter();
  const outcome = simulateProtocol({ ...protocol, ...(excludes && { excludes }) }, {
    clientsPerSite: 0, warmup: 0, duration: 300 * millisecond, ...run,
    scenario: { name: "test", summary: "", steps: steps.map(([ms, fault]) => ({ at: ms * millisecond, fault })) },
  });
  return {
    outcome,
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

describe("healing some links", () => {
  const isolated = [100.5, { type: "isolate", replica: 1 }] as const;
  const { numbers } = chat([isolated, [150.5, { type: "heal", from: 1, to: 0 }], [200.5, { type: "heal", from: "all", to: 1 }]]);

  test("mends them in the direction that was asked for, and no others", () => {
    expect(numbers(1, 0)).toEqual([...range(1, 90), ...range(151, 290)]);
    expect(numbers(0, 1)).toEqual([...range(1, 90), ...range(201, 290)]);
    expect(numbers(2, 1)).toEqual([...range(1, 90), ...range(201, 290)]);
    expect(numbers(1, 2)).toEqual(range(1, 90));
  });

  test("leaves the machines as they are", () => {
    const slow = [50, { type: "slow", replica: 0, each: 300 }] as const;
    const { heard } = chat([slow, [100.25, { type: "heal", from: "all", to: "all" }]]);
    expect(heard).toEqual(chat([slow]).heard);
  });
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

  test("of all is one of each", () => {
    const fuse = chat([[100.5, { type: "crash", replica: "all" }], [200.5, { type: "restart", replica: "all" }]]);
    const each = chat([...[0, 1, 2].map((replica) => [100.5, { type: "crash", replica }] as const), [200.5, { type: "restart", replica: "all" }]]);
    expect(fuse.heard).toEqual(each.heard);
    expect(fuse.numbers(0, 1, 1)).toEqual(range(1, 89));
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

/** Requests that one client had answered in 100 ms, each of which had to be durable. */
const written = (sync: number, ...steps: readonly Step[]): number =>
  simulateProtocol(createScribe(1), {
    replicas: 1, clientsPerSite: 1, warmup: 0, duration: 100 * millisecond, sync, scenario: { name: "test", steps },
  }).recorder.counts.completed;

test.each([0, 2 * millisecond])("a slow disk takes its time until it is healed, though otherwise a sync takes %i µs", (sync) => {
  const slow: Step = { at: 0, fault: { type: "slowDisk", replica: 0, sync: 10 * millisecond } };
  const healed: Step = { at: 50 * millisecond, fault: { type: "heal" } };
  expect(written(sync, slow)).toBeLessThanOrEqual(10);
  expect(written(sync, slow, healed)).toBeGreaterThan(written(sync, slow) + written(sync) / 3);
});

test("who was asked last may be aimed at; the leader, as long as nobody was", () => {
  for (const clientsPerSite of [0, 1]) {
    const history = new RecordedHistory();
    const at = 50 * millisecond;
    const steps: Step[] = [{ at, fault: { type: "crash", replica: "asked" } }];
    const { executedCommands } = simulateProtocol(
      createScribe(1), { clientsPerSite, warmup: 0, duration: 2 * at, initialLeader: 1, scenario: { name: "test", steps } }, { history },
    );
    const last = history.operations.findLast(({ calledAt }) => calledAt! < at * 1000);
    expect(executedCommands.indexOf(null)).toBe(last?.client ?? 1);
  }
});

/** Of each number that 1 hears of 0 up to 300 ms: how late it is, ms. */
const lateness = (heard: readonly Heard[]): number[] =>
  heard
    .filter(({ from, by, at }) => from === 0 && by === 1 && at <= 300 * millisecond)
    .map(({ at, number }) => at / millisecond - number - delay);

const from100to200 = (fault: Fault, run: TestRun = {}) => chat([[100.5, fault], [200.5, { type: "heal" }]], run);

describe("a link that stands, from 100 to 200 ms", () => {
  const link = { from: 0, to: 1 } as const;

  test.each<[string, Fault]>([
    ["loss", { type: "loss", ...link, share: 0.3 }],
    ["duplicate", { type: "duplicate", ...link, share: 0.3 }],
    ["reorder", { type: "reorder", ...link, share: 0.3 }],
    ["delay", { type: "delay", ...link, extra: 3 * millisecond }],
  ])("%s befalls this link only, in this time only, and nobody is told", (_, fault) => {
    const { numbers, links } = from100to200(fault);
    for (const [from, by] of [[1, 0], [0, 2], [2, 1], [1, 2], [2, 0]] as const) {
      expect(numbers(from, by), `${from}→${by}`).toEqual(range(1, 290));
    }
    expect(numbers(0, 1).filter((number) => number <= 100)).toEqual(range(1, 100));
    expect(numbers(0, 1).filter((number) => number > 230)).toEqual(range(231, 290));
    expect(links).toEqual([]);
  });

  test("loss takes single messages, and what is on the way arrives", () => {
    const numbers = from100to200({ type: "loss", ...link, share: 0.3 }).numbers(0, 1);
    const lost = range(1, 290).filter((number) => !numbers.includes(number));
    expect(lost.every((number) => number > 100 && number <= 200)).toBe(true);
    expect(lost.length).toBeGreaterThan(10);
    expect(lost.length).toBeLessThan(60);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test("a duplicate comes beside its original", () => {
    const numbers = from100to200({ type: "duplicate", ...link, share: 1 }).numbers(0, 1);
    expect(numbers).toEqual([...range(1, 100), ...range(101, 200).flatMap((n) => [n, n]), ...range(201, 290)]);
  });

  test("reorder loses none, and lets others overtake", () => {
    const numbers = from100to200({ type: "reorder", ...link, share: 0.3 }).numbers(0, 1);
    expect(numbers).not.toEqual(range(1, 290));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(range(1, 290));
  });

  test("a delay keeps the order; those after it wait for those before", () => {
    const { heard, numbers } = from100to200({ type: "delay", ...link, extra: 3 * millisecond });
    expect(numbers(0, 1)).toEqual(range(1, 290));
    expect(lateness(heard)).toEqual([...range(1, 100).map(() => 0), ...range(101, 200).map(() => 3), 2, 1, ...range(203, 290).map(() => 0)]);
  });

  test("all ends: every link of a replica, or every link", () => {
    const deaf = from100to200({ type: "loss", from: "all", to: 1, share: 1 });
    expect([deaf.numbers(0, 1), deaf.numbers(2, 1), deaf.numbers(1, 0)]).toEqual([
      [...range(1, 100), ...range(201, 290)], [...range(1, 100), ...range(201, 290)], range(1, 290),
    ]);
    const silent = from100to200({ type: "loss", from: "all", to: "all", share: 1 });
    expect(silent.heard.filter(({ at }) => at > 110.5 * millisecond && at < 210.5 * millisecond)).toEqual([]);
  });

  test("is the same run with the same seed, and another with another", () => {
    const [one, again, another] = [3, 3, 4].map((seed) => from100to200({ type: "loss", ...link, share: 0.3 }, { seed }).heard);
    expect(one).toEqual(again);
    expect(one).not.toEqual(another);
  });
});

test("only: the pairs reach each other both ways, nobody else does", () => {
  const { numbers } = chat([[100.5, { type: "only", pairs: [["leader", "follower2"], ["follower1", "follower2"]] }]]);
  for (const [from, by] of [[0, 2], [2, 0], [1, 2], [2, 1]] as const) expect(numbers(from, by), `${from}→${by}`).toEqual(range(1, 290));
  for (const [from, by] of [[0, 1], [1, 0]] as const) expect(numbers(from, by), `${from}→${by}`).toEqual(range(1, 90));
});

const times = (heard: readonly Heard[], by: ReplicaId): number[] =>
  heard.filter((one) => one.by === by && one.at <= 300 * millisecond).map(({ at }) => at / millisecond);

describe("a machine", () => {
  test("in a pause does nothing, then all that waited, in order; its timers are late", () => {
    const { heard, numbers, links } = chat([[100.5, { type: "pause", replica: 0, for: 50 * millisecond }]]);
    expect(numbers(1, 0)).toEqual(range(1, 290));
    expect(times(heard, 0).filter((at) => at > 100.5 && at < 150.5)).toEqual([]);
    expect(times(heard, 0).filter((at) => at === 150.5)).toHaveLength(2 * 50);
    // Tick 101 comes at the end of the pause, and the next ones a millisecond after each other.
    expect(lateness(heard)).toEqual([...range(1, 100).map(() => 0), ...range(101, 240).map(() => 49.5)]);
    expect([numbers(1, 2), links]).toEqual([range(1, 290), []]);
  });

  test("that crashes in a pause has lost what waited", () => {
    const { numbers } = chat([
      [100.5, { type: "pause", replica: 0, for: 50 * millisecond }],
      [120.5, { type: "crash", replica: 0 }], [130.5, { type: "restart", replica: 0 }],
    ]);
    expect(numbers(1, 0)).toEqual([...range(1, 90), ...range(121, 290)]);
  });

  test("that is slow takes its time for each input, one after the other, and loses none", () => {
    const { heard, numbers } = chat([[100.25, { type: "slow", replica: 0, each: 300 }], [200.25, { type: "heal" }]]);
    expect(numbers(1, 0)).toEqual(range(1, 290));
    const slow = times(heard, 0).filter((at) => at > 101 && at < 200);
    const gaps = slow.slice(1).map((at, i) => Math.round((at - slow[i]!) * millisecond));
    expect(Math.min(...gaps)).toBe(300);
    expect(slow.length).toBeGreaterThan(150);
    expect(numbers(2, 1)).toEqual(range(1, 290));
  });

  test("with a fast clock has fast timers, and with a jump what was due by then", () => {
    const fast = chat([[100.5, { type: "clock", replica: 0, rate: 2, jump: 0 }], [200.5, { type: "heal" }]]);
    // Halfway to tick 101 the rest takes half; then two a millisecond, for 100 ms.
    expect(fast.numbers(0, 1)).toHaveLength(290 + 100);
    const ahead = chat([[100.5, { type: "clock", replica: 0, rate: 1, jump: 50 * millisecond }]]);
    expect(ahead.numbers(0, 1)).toEqual(range(1, 290));
    expect(lateness(ahead.heard)).toEqual([...range(1, 100).map(() => 0), ...range(101, 290).map(() => -0.5)]);
    expect(Math.max(...ahead.heard.filter(({ by, number }) => by === 0 && number === 290).map(({ at }) => at))).toBe(350 * millisecond);
    for (const { numbers } of [fast, ahead]) expect(numbers(1, 2)).toEqual(range(1, 290));
  });

  test("with a slow clock has slow timers", () => {
    const { numbers } = chat([[100.5, { type: "clock", replica: 0, rate: 0.5, jump: 0 }]]);
    expect(numbers(0, 1)).toHaveLength(100 + 95);
  });
});

/** The second life knows of the first if its record, on the disk from 0 to 5 ms, survived. */
const lives = (fault: Fault, seed = 1): number[] => {
  const { heard } = chat([[4, fault], [20, { type: "restart", replica: 0 }]], { sync: 5000, seed });
  return [...new Set(heard.filter(({ from }) => from === 0).map(({ life }) => life))];
};

describe("a disk", () => {
  test("that was torn has or has not what was not synced, one that was kept has", () => {
    expect(lives({ type: "crash", replica: 0, unsynced: "kept" })).toEqual([0, 1]);
    expect(lives({ type: "crash", replica: 0, unsynced: "lost" })).toEqual([0]);
    const torn = range(1, 20).map((seed) => lives({ type: "crash", replica: 0, unsynced: "torn" }, seed).length);
    expect(new Set(torn)).toEqual(new Set([1, 2]));
  });

  test("that is aimed at takes its machine down just before the record is durable; what was sent ahead has left", () => {
    const { heard, links, numbers } = chat([[2, { type: "crashBeforeSync", replica: 0 }], [20, { type: "restart", replica: 0 }]], { sync: 5000 });
    expect(links.filter((line) => line.endsWith("down"))).toEqual(["15000 µs at 1: 0 down", "15000 µs at 2: 0 down"]);
    expect(numbers(0, 1).slice(0, 6)).toEqual([1, 2, 3, 4, 1, 2]);
    expect(heard.filter(({ life }) => life > 0)).toEqual([]);
  });

  test("that is instant, too; without a record nothing happens", () => {
    const steps = [{ at: 10 * millisecond, fault: { type: "crashBeforeSync", replica: 0 } }] as const;
    const run = (clientsPerSite: number) =>
      simulateProtocol(createScribe(1), { replicas: 1, clientsPerSite, duration: 100 * millisecond, scenario: { name: "test", steps } });
    expect(run(1).executedCommands).toEqual([null]);
    expect(run(0).executedCommands).toEqual([0]);
  });

  test("that is wiped knows of no earlier life", () => {
    const { heard, numbers, outcome } = chat([[100.5, { type: "wipe", replica: 0 }]], {}, []);
    expect(new Set(heard.map(({ life }) => life))).toEqual(new Set([0]));
    expect(numbers(0, 1)).toEqual([...range(1, 100), ...range(1, 189)]);
    expect([outcome.faults, outcome.excluded]).toEqual([{ wipe: 1 }, {}]);
  });
});

describe("what a protocol excludes", () => {
  const wipe = [100.5, { type: "wipe", replica: 0 }] as const;
  const loss = [150.5, { type: "loss", from: "all", to: "all", share: 1 }] as const;

  test("is not injected, but counted; that is a wipe if it does not say", () => {
    const { numbers, outcome } = chat([wipe, loss]);
    expect(numbers(0, 1)).toEqual(range(1, 150));
    expect([outcome.faults, outcome.excluded]).toEqual([{ loss: 1 }, { wipe: 1 }]);
  });

  test("is all that it says", () => {
    const { numbers, outcome } = chat([wipe, loss, loss], {}, ["wipe", "loss"]);
    expect(numbers(0, 1)).toEqual(range(1, 290));
    expect([outcome.faults, outcome.excluded]).toEqual([{}, { wipe: 1, loss: 2 }]);
  });
});

const recoveredAfter = (...steps: readonly (readonly [ms: number, fault: Fault])[]): number | null =>
  simulateProtocol(createSequencer("none"), {
    warmup: 0, duration: 500 * millisecond, requestTimeout: 50 * millisecond, topology: evenTopology(3, 200),
    scenario: { name: "test", steps: steps.map(([ms, fault]) => ({ at: ms * millisecond, fault })) },
  }).recoveredAfter;

describe("recovery is measured from when nothing is broken", () => {
  const lost = [100, { type: "loss", from: "all", to: "all", share: 1 }] as const;

  test("to the next reply", () => {
    // Replica 0 alone answers its own clients at once; the others wait for it, a long way off.
    expect(recoveredAfter([150, { type: "pause", replica: 0, for: 100 * millisecond }])).toBe(0);
    expect(recoveredAfter([100, { type: "crash", replica: 0 }], [200, { type: "restart", replica: "all" }])).toBeGreaterThan(0);
    expect(recoveredAfter(lost, [300, { type: "heal" }])).toBeLessThan(millisecond);
  });

  test("which may be the end of the load, when all is mended", () => {
    expect(recoveredAfter(lost)).not.toBeNull();
  });

  test("null if nothing was, or something still is", () => {
    expect(recoveredAfter()).toBeNull();
    expect(recoveredAfter([100, { type: "crash", replica: 1 }], [200, { type: "heal" }])).toBeNull();
  });
});
