import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Ledger } from "../../src/check/ledger.ts";

const newLedger = (replicas = 3, restarts = false): Ledger => new Ledger(replicas, { restarts });

/**
 * Executions in order: `0 w1.0` is replica 0 executing the write 1.0 of key "k", `2 r1.0@x` replica 2 a read of "x",
 * `0 +w1.0@y` what it executed last, on another key too, `1 s1.0` a scan.
 */
const execute = (ledger: Ledger, ...executions: readonly string[]): void => {
  for (const execution of executions) {
    const [, replica, further, kind, client, sequence, key = "k"] = /^(\d+) (\+?)([rws])(\d+)\.(\d+)(?:@(\w+))?$/.exec(execution)!;
    if (kind === "s") ledger.scanned(Number(replica), Number(client), Number(sequence));
    else ledger.executed(Number(replica), key, kind === "r", Number(client), Number(sequence), further === "+");
  }
};

describe("a sound history", () => {
  test.each<[string, string[]]>([
    ["the same writes in the same order, at any pace", ["0 w1.0", "0 w2.0", "1 w1.0", "2 w1.0", "2 w2.0", "1 w2.0"]],
    ["keys in any order to each other", ["0 w1.0@a", "0 w2.0@b", "1 w2.0@b", "1 w1.0@a"]],
    ["reads in any order between the same writes", ["0 w1.0", "0 r2.0", "0 r3.0", "1 w1.0", "1 r3.0", "1 r2.0"]],
    ["a read before a write that another replica has executed", ["0 r2.0", "0 w1.0", "1 r2.0", "1 w1.0"]],
    ["a request on several keys", ["0 w1.0@a", "0 +w1.0@b", "0 w2.0@b", "1 w1.0@a", "1 +w1.0@b", "1 w2.0@b"]],
    ["a scan after the same writes, those of different keys in any order", ["0 w1.0@a", "0 w2.0@b", "0 s3.0", "1 w2.0@b", "1 w1.0@a", "1 s3.0"]],
    ["scans and reads in any order", ["0 w1.0", "0 s3.0", "0 s4.0", "0 r2.0", "1 w1.0", "1 r2.0", "1 s4.0", "1 s3.0"]],
    ["one client's requests in any order, on different keys", ["0 w1.5@a", "0 w1.4@b", "1 w1.4@b", "1 w1.5@a"]],
  ])("%s", (_, executions) => {
    const ledger = newLedger();
    execute(ledger, ...executions);
    expect(ledger.violations).toEqual([]);
  });
});

describe("a broken history", () => {
  test.each<[string, string[], string, string]>([
    [
      "two writes in different orders",
      ["0 w1.0@hot", "0 w2.7@hot", "1 w2.7@hot"],
      "ledger",
      'key "hot" position 0: replica 1 executed 2.7, but replica 0 executed 1.0 there before',
    ],
    [
      "a write left out",
      ["2 w1.0", "2 w1.1", "2 w1.2", "0 w1.0", "0 w1.2"],
      "ledger",
      'key "k" position 1: replica 0 executed 1.2, but replica 2 executed 1.1 there before',
    ],
    [
      "a read on the other side of a write",
      ["0 w1.0", "0 r2.0", "1 r2.0"],
      "ledger",
      'key "k": replica 1 executed read 2.0 after 0 writes, but replica 0 after 1',
    ],
    ["a scan before a write that another replica had executed", ["0 w1.0", "0 s2.0", "1 s2.0"], "ledger", "replica 1 executed scan 2.0 after 0 writes, but replica 0 after 1"],
    [
      "a scan after as many writes, but others",
      ["0 w1.0@a", "0 s3.0", "1 w2.0@b", "1 s3.0"],
      "ledger",
      "replica 1 executed scan 3.0 after 1 writes, but replica 0 after others",
    ],
    [
      "requests on several keys in different orders",
      ["0 w1.0@a", "0 +w1.0@b", "0 w2.0@b", "1 w2.0@b", "1 w1.0@a", "1 +w1.0@b"],
      "ledger",
      'key "b" position 0: replica 1 executed 2.0, but replica 0 executed 1.0 there before',
    ],
    ["a request on several keys executed twice", ["1 w3.4@a", "1 +w3.4@b", "1 w3.4@a", "1 +w3.4@b"], "exactlyOnce", 'key "a": replica 1 executed request 3.4 twice'],
    ["a scan executed twice", ["1 s3.4", "1 s3.4"], "exactlyOnce", "replica 1 executed scan 3.4 twice"],
    ["a write executed twice", ["1 w3.4", "1 w3.4"], "exactlyOnce", 'key "k": replica 1 executed request 3.4 twice'],
    ["a read executed twice", ["1 r3.4", "1 r3.4"], "exactlyOnce", 'key "k": replica 1 executed request 3.4 twice'],
  ])("%s is told by key, position and replicas", (_, executions, check, detail) => {
    const ledger = newLedger();
    execute(ledger, ...executions);
    expect(ledger.violations[0]).toEqual({ check, detail });
  });

  test("is told ten times, not a million", () => {
    const ledger = newLedger();
    for (let sequence = 0; sequence < 1000; sequence++) execute(ledger, `0 w1.${sequence}`, `1 w2.${sequence}`);
    expect(ledger.violations).toHaveLength(10);
  });
});

describe("a restart", () => {
  test("lets a replica execute everything again, from the start and in the same order", () => {
    const ledger = newLedger(2, true);
    const history = ["w1.0", "r2.0", "s3.0", "w1.1", "r2.1", "s3.1"];
    execute(ledger, ...history.map((step) => `0 ${step}`), ...history.map((step) => `1 ${step}`));
    ledger.restart(1);
    execute(ledger, ...history.map((step) => `1 ${step}`));
    expect(ledger.violations).toEqual([]);
  });

  test.each([
    ["another write", "1 w1.1", 'key "k" position 0: replica 1 executed 1.1, but replica 0 executed 1.0 there before'],
    ["a scan too early", "1 s3.0", "replica 1 executed scan 3.0 after 0 writes, but replica 0 after 1"],
    ["a read too early", "1 r2.0", 'key "k": replica 1 executed read 2.0 after 0 writes, but replica 0 after 1'],
  ])("does not let it execute %s this time", (_, execution, detail) => {
    const ledger = newLedger(2, true);
    for (const replica of [0, 1]) execute(ledger, `${replica} w1.0`, `${replica} r2.0`, `${replica} s3.0`, `${replica} w1.1`);
    ledger.restart(1);
    execute(ledger, execution);
    expect(ledger.violations).toEqual([{ check: "ledger", detail }]);
  });

  test("of one replica does not pardon another", () => {
    const ledger = newLedger(2, true);
    execute(ledger, "0 w1.0");
    ledger.restart(1);
    execute(ledger, "0 w1.0");
    expect(ledger.violations[0]!.check).toBe("exactlyOnce");
  });
});

describe("durability: in the end, a replica", () => {
  test.each<[string, string[], number[], string[]]>([
    ["has all that anybody executed", ["0 w1.0", "0 w1.1@x", "1 w1.1@x", "1 w1.0"], [0, 1], []],
    ["may lack a read: it left nothing behind", ["0 r1.0", "0 w1.1", "1 w1.1"], [0, 1], []],
    ["is not asked while it is down", ["0 w1.0", "1 w1.0", "0 w1.1", "2 w1.0", "2 w1.1"], [0, 2], []],
    ["lacks the last writes of a key", ["0 w1.0", "1 w1.0", "1 w1.1", "1 w1.2"], [0, 1], [
      'key "k": replica 0 ended without the last 2 of 3 writes, from 1.1 on, which replica 1 had executed',
    ]],
    ["lacks a key, as all others do that are left", ["2 w1.0@x", "0 w1.1", "1 w1.1"], [0, 1], [
      'key "x": replica 0 ended without the last 1 of 1 writes, from 1.0 on, which replica 2 had executed',
      'key "x": replica 1 ended without the last 1 of 1 writes, from 1.0 on, which replica 2 had executed',
    ]],
  ])("%s", (_, executions, live, details) => {
    for (const restarts of [true, false]) {
      const ledger = newLedger(3, restarts);
      execute(ledger, ...executions);
      expect(ledger.judgeDurability(live)).toEqual(details.map((detail) => ({ check: "durable", detail })));
      expect(ledger.violations).toEqual([]);
    }
  });

  test("lacks what it executed in an earlier life only", () => {
    const ledger = newLedger(2, true);
    execute(ledger, "0 w1.0", "1 w1.0", "0 w1.1", "1 w1.1");
    for (const replica of [0, 1]) ledger.restart(replica);
    execute(ledger, "0 w1.0", "1 w1.0");
    expect(ledger.judgeDurability([0, 1])).toHaveLength(2);
  });

  test("lacks what was acknowledged, though nobody is known to have executed it", () => {
    const ledger = newLedger(2, true);
    execute(ledger, "0 w1.0", "0 r1.1", "1 w1.0", "1 r1.1", "0 w2.0", "1 w2.0");
    ledger.acknowledged(1, 2);
    ledger.acknowledged(2, 0);
    expect(ledger.judgeDurability([0, 1])).toEqual([]);
    ledger.acknowledged(1, 3);
    ledger.acknowledged(3, 1);
    execute(ledger, "0 w1.2");
    const details = ledger.judgeDurability([1]).map(({ detail }) => detail);
    expect(details.slice(0, 2)).toEqual(["1.2", "3.0"].map((request) => `replica 1 ended without request ${request}, which was acknowledged`));
    expect(ledger.judgeDurability([0]).map(({ detail }) => detail)).toEqual(["replica 0 ended without request 3.0, which was acknowledged"]);
  });

  test("lacks too much to be told key by key", () => {
    const ledger = newLedger();
    execute(ledger, ...Array.from({ length: 100 }, (_, key) => `0 w1.${key}@x${key}`));
    expect(ledger.judgeDurability([1])).toHaveLength(10);
  });
});

/** More writes than the ledger keeps at hand: it drops what every replica has passed. */
const longHistory = 20_000;

/** All replicas execute `longHistory` writes and a read now and then; each runs ahead of the others by turns. */
const runLong = (ledger: Ledger, replicas: number, bursts: readonly number[]): void => {
  const positions = Array.from({ length: replicas }, () => 0);
  for (let turn = 0; positions.some((position) => position < longHistory); turn++) {
    const replica = turn % replicas;
    for (let i = 0; i < bursts[turn % bursts.length]! && positions[replica]! < longHistory; i++) {
      const sequence = positions[replica]!++;
      ledger.executed(replica, "k", false, 1, sequence);
      if (sequence % 7 === 0) ledger.executed(replica, "k", true, 2, sequence);
    }
  }
};

describe("a long history, of which the ledger drops the beginning", () => {
  test("stays sound at whatever pace replicas execute", () => {
    const bursts = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(bursts, fc.integer({ min: 1, max: 4 }), (paces, replicas) => {
        const ledger = newLedger(replicas);
        runLong(ledger, replicas, paces);
        expect(ledger.violations).toEqual([]);
      }),
      { numRuns: 15, examples: [[[1], 3], [[longHistory], 2], [[4096], 3]] },
    );
  });

  test("knows by their true number what a replica lacks in the end", () => {
    const ledger = newLedger();
    runLong(ledger, 3, [500, 3000, 1]);
    expect(ledger.judgeDurability([0, 1, 2])).toEqual([]);
    execute(ledger, "0 w9.0", "2 w9.0");
    expect(ledger.judgeDurability([0, 1, 2]).map(({ detail }) => detail)).toEqual([
      `key "k": replica 1 ended without the last 1 of ${longHistory + 1} writes, from 9.0 on, which replica 0 had executed`,
    ]);
  });

  test("knows positions by their true number", () => {
    const ledger = newLedger();
    runLong(ledger, 3, [500, 3000, 1]);
    execute(ledger, "0 w9.0", "2 w9.1");
    expect(ledger.violations.map(({ detail }) => detail)).toEqual([
      `key "k" position ${longHistory}: replica 2 executed 9.1, but replica 0 executed 9.0 there before`,
    ]);
  });

  test("keeps nothing for a replica that is gone, but holds what it had executed against what is there", () => {
    const ledger = newLedger();
    execute(ledger, "2 w1.0@a", "2 w9.0@b", "2 r9.1@b");
    ledger.gone(2);
    for (const replica of [0, 1]) for (let i = 0; i < longHistory; i++) execute(ledger, `${replica} w1.${i}@a`, `${replica} r2.${i}@a`);
    execute(ledger, "0 w9.5@b", "2 w9.9@a", "2 r2.7@a");
    expect(ledger.violations.map(({ detail }) => detail)).toEqual([
      'key "b" position 0: replica 0 executed 9.5, but replica 2 executed 9.0 there before',
    ]);
  });
});
