/** Interference against its definition, command by command: what shares a key and does not both only read. */
import { ballotOf, conflicts, createRandom, everyKey, noop, type Command, type Random } from "paxbench";
import { describe, expect, test } from "vitest";
import { Instance } from "../../../protocols/epaxos/instance.ts";
import { Interference } from "../../../protocols/epaxos/interference.ts";
import { InstanceLog } from "../../../protocols/epaxos/log.ts";
import { depsOf, readOf, writeOf } from "./support.ts";

const replicas = 3;

class Known {
  readonly log = new InstanceLog(replicas);
  readonly interference = new Interference(this.log);
  readonly all: Instance[] = [];

  /** The next instance of `leader`, pre-accepted. */
  add(leader: number, command: Command, seq = 1, deps = depsOf(replicas)): Instance {
    const instance = new Instance({ leader, number: this.log.last(leader) + 1, ballot: ballotOf(0, leader), command, seq, deps }, "preAccepted");
    this.log.add(instance);
    this.interference.add(instance);
    this.all.push(instance);
    return instance;
  }

  execute(instance: Instance): void {
    instance.status = "executed";
    this.log.countExecuted(instance.leader);
    this.interference.remove(instance);
  }

  /** All replicas have executed what is executed here. */
  trim(): void {
    for (let replica = 0; replica < replicas; replica++) {
      this.log.executedBy(replica, this.log.executed, (instance) => this.interference.forget(instance));
    }
  }
}

const randomCommand = (random: Random, id: number): Command => {
  if (random.below(10) === 0) return noop;
  const keys = random.below(4) === 0 ? [everyKey] : [1, 2, 3].filter(() => random.below(3) === 0);
  return (random.below(2) === 0 ? readOf : writeOf)(id, ...(keys.length > 0 ? keys : [1]));
};

test.each([1, 101, 201])("100 seeds from %i: attributes, what is committed, what is open, what is trimmed", (first) => {
  for (let seed = first; seed < first + 100; seed++) {
    const random = createRandom(seed, "interference");
    const known = new Known();
    for (let step = 0; step < 40; step++) {
      const command = randomCommand(random, step);
      const before = known.all.filter((other) => conflicts(command, other.command));
      const attributes = known.interference.attributesOf(command);
      const latest = (q: number): number => Math.max(0, ...before.filter(({ leader }) => leader === q).map(({ number }) => number));
      expect(attributes, `seed ${seed}, step ${step}`).toEqual({
        seq: 1 + Math.max(0, ...before.map(({ seq }) => seq)),
        deps: [0, 1, 2].map(latest),
      });
      const trimmed = before.filter(({ leader, number }) => known.log.isTrimmed(leader, number));
      const last = (q: number): number => Math.max(0, ...trimmed.filter(({ leader }) => leader === q).map(({ number }) => number));
      expect(known.interference.trimmedFor(command), `seed ${seed}, step ${step}`).toEqual([0, 1, 2].map(last));
      for (const q of [0, 1, 2]) {
        const upTo = attributes.deps[q]!;
        const above = random.below(upTo + 1);
        const open = before.filter((other) => other.leader === q && other.number > above && other.number <= upTo && !other.isCommitted);
        expect(known.interference.allCommitted(command, q, above, upTo), `seed ${seed}, step ${step}`).toBe(open.length === 0);
      }
      const instance = known.add(random.below(replicas), command, attributes.seq, attributes.deps);
      expect(closureOf(known, instance), `seed ${seed}, step ${step}`).toEqual(
        before.filter(({ status }) => status !== "executed").map(({ key }) => key).toSorted((a, b) => a - b),
      );
      const some = known.all[random.below(known.all.length)]!;
      if (some.status === "preAccepted" && random.below(2) === 0) some.status = "committed";
      else if (some.status === "committed") known.execute(some);
      if (random.below(4) === 0) known.trim();
    }
  }
});

/** Instances that share a key with `instance`, of those to which edges lead from it: what is left out is reached so. */
const closureOf = (known: Known, instance: Instance): number[] => {
  const reached = new Set([instance]);
  for (const each of reached) for (const dependency of known.interference.openDependencies(each)) reached.add(dependency);
  reached.delete(instance);
  return [...reached].filter(({ command }) => conflicts(command, instance.command)).map(({ key }) => key).toSorted((a, b) => a - b);
};

describe("a scan", () => {
  test("depends on the latest write of each replica, whatever the key; later writes depend on it", () => {
    const known = new Known();
    known.add(0, writeOf(1, 1), 3);
    known.add(0, readOf(2, 2), 9);
    known.add(1, writeOf(3, 2), 5);
    const scan = readOf(4, everyKey);
    expect(known.interference.attributesOf(scan)).toEqual({ seq: 6, deps: [1, 1, 0] });
    known.add(2, scan, 6, [1, 1, 0]);
    expect(known.interference.attributesOf(writeOf(5, 77))).toEqual({ seq: 7, deps: [0, 0, 1] });
    expect(known.interference.attributesOf(readOf(6, 77))).toEqual({ seq: 1, deps: [0, 0, 0] });
    expect(known.interference.attributesOf(readOf(7, everyKey))).toEqual({ seq: 6, deps: [1, 1, 0] });
  });

  test("that shares its command with writes depends on reads too", () => {
    const known = new Known();
    known.add(0, readOf(1, 1), 2);
    known.add(1, readOf(2, everyKey), 4);
    expect(known.interference.attributesOf(writeOf(3, everyKey))).toEqual({ seq: 5, deps: [1, 1, 0] });
  });

  test("is not kept from what it depends on by a later write of another key", () => {
    const known = new Known();
    const [first, second] = [known.add(0, writeOf(1, 1)), known.add(0, writeOf(2, 2), 1, [1, 0, 0])];
    const scan = known.add(1, readOf(3, everyKey), 2, [2, 0, 0]);
    expect(known.interference.openDependencies(scan).toSorted((a, b) => a.number - b.number)).toEqual([first, second]);
  });

  test("of a log that is executed costs what is open of it", () => {
    const known = new Known();
    for (let i = 0; i < 1000; i++) known.execute(known.add(0, writeOf(i, 1)));
    const open = known.add(0, writeOf(1000, 1));
    const scan = known.add(1, readOf(1001, everyKey), 2, [1001, 0, 0]);
    known.interference.openDependencies(scan);
    let looked = 0;
    const at = known.log.at.bind(known.log);
    known.log.at = (leader, number) => (looked++, at(leader, number));
    expect(known.interference.openDependencies(scan)).toEqual([open]);
    expect(looked).toBeLessThan(10);
  });
});
