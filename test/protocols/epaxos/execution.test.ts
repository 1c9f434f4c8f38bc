/**
 * The execution algorithm (§4.3.2): against its definition on random graphs, and on graphs too deep for a call stack.
 * One replica is told of instances, as pre-accepted or committed, in some order; it leads none of them itself.
 */
import { ballotOf, conflicts, createRandom, everyKey, noop, noReplicas, type Command, type Random, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import { sameDeps } from "../../../protocols/epaxos/instance.ts";
import { commitAt, depsOf, inject, namesOf, newCluster, preAcceptAt, readOf, writeOf, type EPaxosCluster, type Known } from "./support.ts";

interface Node {
  readonly leader: ReplicaId;
  readonly number: number;
  readonly command: Command;
  readonly seq: number;
  readonly deps: number[];
}

const nameOf = ({ leader, number }: Node): string => `${leader}.${number}`;
const interfere = (a: Node, b: Node): boolean => a !== b && conflicts(a.command, b.command);
const dependsOn = (a: Node, b: Node): boolean => interfere(a, b) && b.number <= a.deps[b.leader]!;

/** By leader, seq and number: how a component is ordered. */
const before = (a: Node, b: Node): boolean => (a.seq - b.seq || a.leader - b.leader || a.number - b.number) < 0;

// --- What should happen, by the book: the whole graph, nothing remembered from step to step. ---

/** All nodes to which a path leads from `start`, itself included. */
const reachable = (start: Node, nodes: readonly Node[]): Set<Node> => {
  const reached = new Set([start]);
  for (const node of reached) for (const other of nodes) if (dependsOn(node, other)) reached.add(other);
  return reached;
};

/** Those who, with all that they lead to, are committed, and miss no instance that might interfere. */
const executable = (known: ReadonlyMap<string, Node>, committed: ReadonlySet<string>): string[] => {
  const nodes = [...known.values()];
  const ready = (node: Node): boolean =>
    committed.has(nameOf(node)) &&
    node.deps.every((last, leader) => Array.from({ length: last }, (_, i) => `${leader}.${i + 1}`).every((name) => known.has(name)));
  return nodes.filter((node) => [...reachable(node, nodes)].every(ready)).map(nameOf);
};

const comesFirst = (a: Node, b: Node, nodes: readonly Node[]): boolean => {
  const [fromA, fromB] = [reachable(a, nodes), reachable(b, nodes)];
  return fromA.has(b) && fromB.has(a) ? before(a, b) : fromB.has(a);
};

// --- Random histories. ---

/** Instances as a commit protocol may leave them: of two that interfere, at least one depends on the other. */
const randomNodes = (random: Random, leaders: number): Node[] => {
  const nodes: Node[] = [];
  for (let leader = 0; leader < leaders; leader++) {
    const length = 1 + random.below(8);
    for (let number = 1; number <= length; number++) {
      const id = nodes.length + 1;
      const keys = random.below(5) === 0 ? [everyKey] : [0, 1, 2].filter(() => random.below(2) === 0);
      const command = random.below(8) === 0 ? noop : random.below(3) === 0 ? readOf(id, ...keys) : writeOf(id, ...keys);
      nodes.push({ leader, number, command, seq: 1 + random.below(4), deps: Array.from({ length: leaders + 1 }, () => 0) });
    }
  }
  const depend = (from: Node, on: Node): void => void (from.deps[on.leader] = Math.max(from.deps[on.leader]!, on.number));
  for (const a of nodes) {
    for (const b of nodes) {
      if (!interfere(a, b)) continue;
      // A leader knows its own earlier instances; the rest is as chance has it, later instances of the same leader included.
      const older = a.leader === b.leader && b.number < a.number;
      if (older || random.below(6) === 0 || (!dependsOn(a, b) && !dependsOn(b, a))) depend(a, b);
    }
  }
  return nodes;
};

interface Event {
  readonly type: "preAccept" | "commit";
  readonly node: Node;
}

/** Any order in which an instance is not pre-accepted after it is committed. Some are never pre-accepted here. */
const randomEvents = (random: Random, nodes: readonly Node[]): Event[] => {
  const at = new Map<Event, number>();
  for (const node of nodes) {
    const commit = random.unit();
    at.set({ type: "commit", node }, commit);
    if (random.below(2) === 0) at.set({ type: "preAccept", node: preAcceptedAs(random, node) }, commit * random.unit());
  }
  return [...at].toSorted(([, a], [, b]) => a - b).map(([event]) => event);
};

/** The same instance with attributes that are not final, and with the command that a no-op came to replace. */
const preAcceptedAs = (random: Random, node: Node): Node => ({
  ...node,
  command: node.command === noop ? writeOf(1000 + node.leader * 100 + node.number, random.below(4) === 0 ? everyKey : random.below(3)) : node.command,
  seq: random.below(node.seq),
  deps: node.deps.map((number) => random.below(number + 1)),
});

/** The replica that is told: it leads none of the instances. */
const observerOf = (cluster: EPaxosCluster): ReplicaId => cluster.lives.length - 1;

const tellObserver = (cluster: EPaxosCluster, { type, node }: Event): void => {
  inject(cluster, node.leader, observerOf(cluster), { type, ballot: ballotOf(0, node.leader), quorum: noReplicas, ...node });
  cluster.drop();
};

const describeEvent = ({ type, node }: Event): string =>
  `${type} ${nameOf(node)} ${node.command.readOnly ? "read" : "write"} [${node.command.keys.join()}] seq ${node.seq} deps ${node.deps.join()}`;

/** What goes wrong with the graph of this seed, and how it came to that; null: nothing. */
const failureOf = (seed: number): string | null => {
  const random = createRandom(seed, "graph");
  const leaders = 2 + random.below(4);
  const nodes = randomNodes(random, leaders);
  const byCommand = new Map(nodes.map((node) => [node.command.id, node]));
  for (let order = 1; order <= 3; order++) {
    const events = randomEvents(random, nodes);
    const cluster = newCluster(leaders + 1);
    const { executed } = cluster.lives[leaders]!;
    const known = new Map<string, Node>();
    const committed = new Set<string>();
    const told: string[] = [];
    const failure = (what: string): string => `seed ${seed}, order ${order}, ${leaders} leaders: ${what} after\n${told.join("\n")}`;
    for (const event of events) {
      known.set(nameOf(event.node), event.node);
      if (event.type === "commit") committed.add(nameOf(event.node));
      told.push(describeEvent(event));
      tellObserver(cluster, event);
      const actual = executed.map(({ id }) => nameOf(byCommand.get(id)!)).toSorted().join(" ");
      const expected = executable(known, committed).filter((name) => known.get(name)!.command !== noop).toSorted().join(" ");
      if (actual !== expected) return failure(`executed ${actual}, not ${expected}`);
    }
    for (const [i, command] of executed.entries()) {
      for (const later of executed.slice(i + 1)) {
        const [a, b] = [byCommand.get(command.id)!, byCommand.get(later.id)!];
        if (interfere(a, b) && !comesFirst(a, b, nodes)) return failure(`${nameOf(a)} executed before ${nameOf(b)}`);
      }
    }
  }
  return null;
};

describe("random graphs: reads, commands on several keys and on all, no-ops, any order of arrival", () => {
  test.each([1, 51, 101, 151, 201, 251])("50 seeds from %i", (first) => {
    for (let seed = first; seed < first + 50; seed++) expect(failureOf(seed)).toBeNull();
  });
});

/** Replica 4 is told of these commits, in this order; returns the commands it executed. */
const executedOf = (...commits: readonly Known[]): string[] => {
  const cluster = newCluster(5);
  for (const commit of commits) commitAt(cluster, [4], commit);
  return cluster.executed(4);
};

describe("strongly connected components", () => {
  const key = 7;
  const [a, b, c] = [1, 2, 3].map((id) => writeOf(id, key)) as [Command, Command, Command];

  test.each([
    { what: "by seq", seqs: [3, 1, 2], order: [b, c, a] },
    { what: "equal seqs by command leader", seqs: [1, 1, 1], order: [a, b, c] },
    { what: "by seq before command leader", seqs: [2, 2, 1], order: [c, a, b] },
  ])("commands that depend on each other are executed $what, whichever is committed last", ({ seqs, order }) => {
    const deps = { 0: 1, 1: 1, 2: 1 };
    const commits = [a, b, c].map((command, leader): Known => ({ leader, number: 1, command, seq: seqs[leader]!, deps }));
    for (const last of [0, 1, 2]) {
      const sequence = [...commits.filter(({ leader }) => leader !== last), commits[last]!];
      expect(executedOf(...sequence)).toEqual(namesOf(...order));
    }
  });

  test("what another one depends on comes first, whatever the seqs", () => {
    const first: Known = { leader: 1, number: 1, command: a, seq: 9 };
    const second: Known = { leader: 0, number: 1, command: b, seq: 1, deps: { 1: 1 } };
    expect(executedOf(first, second)).toEqual(namesOf(a, b));
    expect(executedOf(second)).toEqual([]);
    expect(executedOf(second, first)).toEqual(namesOf(a, b));
  });

  test("§4.5 a dependency stands for all interfering instances up to it, also where interference is not transitive", () => {
    // Two reads do not interfere: the second says nothing of the first.
    const reads = [1, 2].map((number): Known => ({ leader: 0, number, command: readOf(number, key) }));
    const write: Known = { leader: 1, number: 1, command: a, seq: 2, deps: { 0: 2 } };
    expect(executedOf(reads[1]!, write)).toEqual(namesOf(reads[1]!.command));
    expect(executedOf(reads[1]!, write, reads[0]!)).toEqual(namesOf(reads[1]!.command, reads[0]!.command, a));
  });

  test("two instances of one leader that depend on each other do not hide what comes before both", () => {
    const first: Known = { leader: 0, number: 1, command: a };
    const pair: Known[] = [
      { leader: 0, number: 2, command: b, seq: 2, deps: { 0: 3 } },
      { leader: 0, number: 3, command: c, seq: 3, deps: { 0: 2 } },
    ];
    const cluster = newCluster(5);
    preAcceptAt(cluster, [4], first);
    for (const commit of pair) commitAt(cluster, [4], commit);
    expect(cluster.executed(4)).toEqual([]);
    commitAt(cluster, [4], first);
    expect(cluster.executed(4)).toEqual(namesOf(a, b, c));
  });

  test("a command waits for an instance that is not known, for it may interfere; not for one that turns out not to", () => {
    const cluster = newCluster(5);
    commitAt(cluster, [4], { leader: 0, number: 2, command: a, deps: { 0: 1 } });
    commitAt(cluster, [4], { leader: 1, number: 1, command: b, seq: 2, deps: { 0: 2 } });
    expect(cluster.executed(4)).toEqual([]);
    expect(cluster.lives[4]!.replica.status()["waitsFor"]).toBe("≤0.1,≤0.2");
    preAcceptAt(cluster, [4], { leader: 0, number: 1, command: writeOf(9, key + 1) });
    expect(cluster.executed(4)).toEqual(namesOf(a, b));
  });
});

const shuffled = (nodes: readonly Node[]): Node[] => {
  const random = createRandom(1, "shuffle");
  return nodes.map((node) => ({ node, at: random.unit() })).toSorted((a, b) => a.at - b.at).map(({ node }) => node);
};

describe("10,000 instances: no deep recursion, and work in proportion", () => {
  const key = 7;
  const count = 10_000;

  /** What a replica reads of the deps of a chain's instances, entry by entry: it does so for each that a search passes. */
  let reads = 0;
  const counted = (deps: readonly number[]): number[] =>
    new Proxy([...deps], {
      get(target, property) {
        reads++;
        return Reflect.get(target, property) as unknown;
      },
    });

  /** Leaders that take turns: every instance depends on all before it, and the first on the last if that makes a cycle. */
  const chain = (leaders: number, cyclic: boolean): Node[] => {
    const latest = depsOf(leaders + 1);
    const instances = Array.from({ length: count }, (_, i) => {
      const leader = i % leaders;
      const number = Math.floor(i / leaders) + 1;
      const deps = counted(latest);
      latest[leader] = number;
      return { leader, number, command: writeOf(i, key), seq: i + 1, deps };
    });
    if (cyclic) instances[0] = { ...instances[0]!, deps: counted(latest) };
    return instances;
  };

  const orders: Readonly<Record<string, (nodes: Node[]) => Node[]>> = {
    "in order": (nodes) => nodes,
    "in reverse order": (nodes) => nodes.toReversed(),
    "in random order": shuffled,
    "the first one last": ([first, ...rest]) => [...rest, first!],
  };
  const cases = [1, 3].flatMap((leaders) =>
    [false, true].flatMap((cyclic) => Object.keys(orders).flatMap((order) => [false, true].map((known) => ({ leaders, cyclic, order, known })))),
  );

  test.each(cases)("$leaders leaders, cycle: $cyclic, committed $order, pre-accepted before: $known", ({ leaders, cyclic, order, known }) => {
    reads = 0;
    const instances = chain(leaders, cyclic);
    const cluster = newCluster(leaders + 1);
    if (known) for (const instance of instances) tellObserver(cluster, { type: "preAccept", node: instance });
    for (const instance of orders[order]!(instances)) tellObserver(cluster, { type: "commit", node: instance });
    const executed = cluster.lives[leaders]!.executed.map(({ id }) => id);
    // Compared as a whole: a difference of 10,000 lines helps nobody.
    expect(sameDeps(executed, instances.map(({ command }) => command.id)), "executed by seq").toBe(true);
    expect(executed.length).toBe(count);
    expect(reads / count).toBeLessThan(200);
  });
});
