/** What a replica's journal gives back, and how it learns what it missed. */
import { ballotOf, noReplicas } from "paxbench";
import { describe, expect, test } from "vitest";
import {
  commitAt, committed, depsOf, fastQuorumOf, inject, messagesOf, namesOf, newCluster, notesOf, preAcceptAt, receivers, sweep, writeOf,
  type EPaxosCluster,
} from "./support.ts";

const key = 7;

describe("restart", () => {
  test("a replica executes again what its journal says, in the same order, and asks for what it missed", () => {
    const cluster = newCluster(3);
    for (let i = 0; i < 4; i++) for (const replica of [0, 1, 2]) cluster.request(replica, key);
    cluster.deliverAll();
    const before = cluster.executed(2);
    expect(before.length).toBe(12);
    cluster.crash(2);
    for (let i = 0; i < 4; i++) cluster.request(0, key);
    cluster.deliverAll();
    cluster.restart(2);
    expect(cluster.executed(2)).toEqual(before);
    expect(receivers(cluster, "learn")).toEqual([0, 1]);
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(cluster.executed(0));
    expect(cluster.executed(2).length).toBe(16);
  });

  test("so does a replica that lost all it knew, when it knew nothing durably", () => {
    const cluster = newCluster(3);
    cluster.crash(2);
    cluster.request(0, key);
    cluster.deliverAll();
    cluster.restart(2);
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(cluster.executed(0));
  });

  test("a leader does not use an instance again; it finishes those that it left open, as whoever recovers them", () => {
    const cluster = newCluster(3);
    const first = cluster.request(0, key);
    cluster.drop();
    cluster.crash(0);
    cluster.restart(0);
    const second = cluster.request(0, key);
    expect(messagesOf(cluster, "preAccept")[0]).toMatchObject({ leader: 0, number: 2, seq: 2, deps: depsOf(3, { 0: 1 }) });
    cluster.deliverAll();
    expect(committed(cluster, 0)).toEqual(namesOf(second));
    expect(cluster.executed(0)).toEqual([]);
    sweep(cluster, 0);
    expect(messagesOf(cluster, "prepare")).toMatchObject([{ leader: 0, number: 1 }, { leader: 0, number: 1 }]);
    cluster.deliverAll();
    // The two were under way at the same time: either may come first, everywhere the same.
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual(cluster.executed(0));
    expect(cluster.executed(0).toSorted()).toEqual(namesOf(first, second));
  });

  test.each(["preAccept", "accept"] as const)("a vote survives: asked for a lower ballot's %s after it, the replica does not vote", (type) => {
    const vote = { leader: 0, number: 1, command: writeOf(1, key), seq: 1, deps: depsOf(3), quorum: noReplicas };
    for (const voted of ["preAccept", "accept"] as const) {
      const cluster = newCluster(3);
      inject(cluster, 2, 1, { type: voted, ...vote, ballot: ballotOf(1, 2) });
      cluster.crash(1);
      cluster.restart(1);
      cluster.drop();
      inject(cluster, 0, 1, { type, ...vote, ballot: ballotOf(0, 0) });
      expect(cluster.inFlight).toEqual([{ from: 1, to: 0, message: { type: "overtaken", leader: 0, number: 1, ballot: ballotOf(1, 2) } }]);
    }
  });

  test("what was pre-accepted before the crash is a dependency after it, and is answered with the same attributes", () => {
    const cluster = newCluster(5);
    preAcceptAt(cluster, [1], { leader: 3, number: 1, command: writeOf(1, key), seq: 5 });
    cluster.request(0, key);
    cluster.deliver({ to: 1, type: "preAccept" });
    const attributes = { seq: 6, deps: depsOf(5, { 3: 1 }) };
    expect(messagesOf(cluster, "preAcceptOk")).toMatchObject([attributes]);
    cluster.drop();
    cluster.crash(1);
    cluster.restart(1);
    cluster.drop();
    sweep(cluster, 0);
    cluster.deliver({ to: 1, type: "preAccept" });
    expect(messagesOf(cluster, "preAcceptOk")).toMatchObject([attributes]);
  });

  test("after an Accept in the same ballot, a PreAccept is still refused", () => {
    const vote = { leader: 0, number: 1, ballot: ballotOf(0, 0), command: writeOf(1, key), seq: 1, deps: depsOf(3), quorum: fastQuorumOf(3, 0) };
    const cluster = newCluster(3);
    inject(cluster, 0, 1, { type: "accept", ...vote });
    cluster.crash(1);
    cluster.restart(1);
    cluster.drop();
    inject(cluster, 0, 1, { type: "preAccept", ...vote });
    expect(cluster.inFlight).toEqual([]);
  });
});

/** A replica knows these instances of replica 2 as committed. */
const commitMany = (cluster: EPaxosCluster, replica: number, numbers: Iterable<number>): void => {
  for (const number of numbers) {
    commitAt(cluster, [replica], { leader: 2, number, command: writeOf(number, key), seq: number, deps: { 2: number - 1 } });
  }
};

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe("learn", () => {
  test("a link that stands again: the replica asks the peer for exactly what it misses", () => {
    const cluster = newCluster(3);
    commitMany(cluster, 0, range(1, 9));
    preAcceptAt(cluster, [1], { leader: 2, number: 3, command: writeOf(3, key) });
    commitMany(cluster, 1, [1, 2, 5, 7]);
    cluster.link(1, 0, true);
    expect(cluster.inFlight).toMatchObject([{ from: 1, to: 0, message: {
      type: "learn", gaps: [{ leader: 2, first: 3, last: 4 }, { leader: 2, first: 6, last: 6 }], above: [0, 0, 7],
    } }]);
    cluster.deliver();
    expect(messagesOf(cluster, "learned")[0]!.commits.map(({ number }) => number)).toEqual([3, 4, 6, 8, 9]);
    cluster.deliverAll();
    expect(cluster.executed(1)).toEqual(cluster.executed(0));
  });

  test("an instance that is only pre-accepted here is missing too", () => {
    const cluster = newCluster(3);
    commitMany(cluster, 0, [1]);
    preAcceptAt(cluster, [1], { leader: 2, number: 1, command: writeOf(1, key) });
    cluster.link(1, 0, true);
    cluster.deliverAll();
    expect(cluster.executed(1)).toEqual(cluster.executed(0));
  });

  test("many are learned in several answers, past instances that nobody has committed", () => {
    const cluster = newCluster(3);
    commitMany(cluster, 0, [...range(2, 500), ...range(502, 1000)]);
    cluster.link(1, 0, true);
    let answers = 0;
    while (cluster.inFlight.length > 0) {
      const { message } = cluster.deliver();
      if (message.type === "learned") answers++;
      expect(answers).toBeLessThan(10);
    }
    expect(answers).toBeGreaterThan(1);
    expect(committed(cluster, 1).length).toBe(998);
  });

  test("a peer that knows of nothing more that is committed says so: at least it is there", () => {
    const cluster = newCluster(3);
    preAcceptAt(cluster, [0], { leader: 2, number: 1, command: writeOf(1, key) });
    cluster.link(1, 0, true);
    cluster.deliver({ type: "learn" });
    expect(cluster.inFlight).toEqual([{ from: 0, to: 1, message: { type: "learned", commits: [], more: false } }]);
  });

  test("a Commit that was lost with its leader: when execution still waits for it at the next sweep, the others are asked", () => {
    const cluster = newCluster(5);
    const lost = cluster.request(0, key);
    cluster.deliverAll({ type: "preAccept" });
    cluster.deliverAll({ type: "preAcceptOk" });
    cluster.deliver({ to: 1, type: "commit" });
    cluster.drop();
    cluster.crash(0);
    const next = cluster.request(1, key);
    cluster.deliverAll();
    expect(notesOf(cluster, 1)).toEqual(["fast"]);
    expect(committed(cluster, 4)).toEqual(namesOf(next));
    expect(cluster.executed(4)).toEqual([]);
    sweep(cluster, 4);
    expect(cluster.inFlight).toEqual([]);
    sweep(cluster, 4);
    expect(receivers(cluster, "learn")).toEqual([0, 1, 2, 3]);
    cluster.deliverAll();
    expect(cluster.executed(4)).toEqual(namesOf(lost, next));
    sweep(cluster, 4);
    sweep(cluster, 4);
    expect(cluster.inFlight).toEqual([]);
  });
});
