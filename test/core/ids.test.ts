import {
  ballotOf, commandIdOf, commandName, conflicts, counterOf, everyKey, firstReplicas, hasReplica, majorityOf, maxReplicas, membersOf,
  nextBallot, noBallot, noop, originOf, proposerOf, replicaSetOf, roundOf, sizeOf, withReplica, withoutReplica, type Command,
} from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const replicas = fc.integer({ min: 0, max: maxReplicas - 1 });
const rounds = fc.integer({ min: 1, max: 2 ** 47 });

test("a replica set agrees with a Set, up to 31 members", () => {
  fc.assert(
    fc.property(fc.array(replicas), replicas, (members, other) => {
      const set = replicaSetOf(members);
      const expected = new Set(members);
      expect(membersOf(set)).toEqual([...expected].sort((a, b) => a - b));
      expect(sizeOf(set)).toBe(expected.size);
      expect(hasReplica(set, other)).toBe(expected.has(other));
      expect(membersOf(withReplica(set, other))).toEqual([...expected.add(other)].sort((a, b) => a - b));
      expected.delete(other);
      expect(membersOf(withoutReplica(set, other))).toEqual([...expected].sort((a, b) => a - b));
    }),
  );
});

test.each([1, 2, 3, 30, 31])("the first %i replicas are that many", (count) => {
  expect(membersOf(firstReplicas(count))).toEqual(Array.from({ length: count }, (_, i) => i));
});

test("any two majorities share a replica, and no smaller number would do", () => {
  for (let n = 1; n <= maxReplicas; n++) {
    expect(2 * majorityOf(n)).toBeGreaterThan(n);
    expect(2 * (majorityOf(n) - 1)).toBeLessThanOrEqual(n);
  }
});

describe("ballot", () => {
  test("orders by round, then by proposer, and gives both back", () => {
    fc.assert(
      fc.property(rounds, replicas, rounds, replicas, (round, proposer, otherRound, otherProposer) => {
        const ballot = ballotOf(round, proposer);
        expect([roundOf(ballot), proposerOf(ballot)]).toEqual([round, proposer]);
        const other = ballotOf(otherRound, otherProposer);
        const order = round - otherRound || proposer - otherProposer;
        expect(Math.sign(ballot - other)).toBe(Math.sign(order));
      }),
    );
  });

  test("the next one of any proposer is higher, and its own", () => {
    fc.assert(
      fc.property(rounds, replicas, replicas, (round, proposer, next) => {
        const ballot = ballotOf(round, proposer);
        expect(nextBallot(ballot, next)).toBeGreaterThan(ballot);
        expect(proposerOf(nextBallot(ballot, next))).toBe(next);
        expect(nextBallot(noBallot, next)).toBeGreaterThan(noBallot);
      }),
    );
  });
});

const on = (keys: readonly number[], readOnly: boolean): Command => ({ ...noop, keys, readOnly });

describe("command", () => {
  test("an id gives back origin and counter, and is the no-op's for none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), replicas, (counter, origin) => {
        const id = commandIdOf(counter, origin);
        expect([counterOf(id), originOf(id), Number.isSafeInteger(id)]).toEqual([counter, origin, true]);
        expect(id).not.toBe(noop.id);
        expect(commandName(id)).toBe(`${origin}.${counter}`);
      }),
    );
  });

  test.each([
    ["two writes of a key", on([1], false), on([1, 2], false), true],
    ["a write and a read of a key", on([1], false), on([1], true), true],
    ["two reads of a key", on([1], true), on([1], true), false],
    ["writes of different keys", on([1], false), on([2], false), false],
    ["a read of every key and a write", on([everyKey], true), on([2], false), true],
    ["a read of every key and a read", on([everyKey], true), on([2], true), false],
    ["a write of every key and a read", on([everyKey], false), on([2], true), true],
    ["two that touch every key", on([everyKey], false), on([everyKey], true), true],
    ["a no-op and a read of every key", on([], false), on([everyKey], true), false],
    ["a no-op and anything", noop, on([1], false), false],
  ])("%s: conflict is %4$s", (_, a, b, expected) => {
    expect([conflicts(a, b), conflicts(b, a)]).toEqual([expected, expected]);
  });
});
