/** Ballot Leader Election (Figure 4), step by step. */
import { ballotOf, nextBallot, noBallot, proposerOf } from "paxbench";
import { describe, expect, test } from "vitest";
import { all, firstLeader, inFlight, ledBy, newCluster, phaseOf, round, rounds, settle, settleUntil, startedCluster, statusOf, within, without } from "./schedules.ts";

const leadersOf = (cluster: ReturnType<typeof newCluster>) => cluster.lives.map((_, replica) => statusOf(cluster, replica)["leader"]);

describe("Figure 4: a new cluster", () => {
  test("elects the initial leader, whose ballot is the highest, once everybody has answered", () => {
    const cluster = startedCluster(5);
    expect(leadersOf(cluster)).toEqual([firstLeader, firstLeader, firstLeader, firstLeader, firstLeader]);
    expect(cluster.lives.map((_, replica) => ledBy(cluster, replica))).toEqual([[firstLeader], [], [], [], []]);
  });

  test("waits for the end of the round when somebody does not answer, and then elects the highest ballot it heard", () => {
    const cluster = newCluster(3);
    settle(cluster, within([1, 2]));
    expect(leadersOf(cluster)).toEqual([0, 0, 0]);
    round(cluster, within([1, 2]));
    expect(leadersOf(cluster)).toEqual([0, ballotOf(1, 2), ballotOf(1, 2)]);
    expect(phaseOf(cluster, 2)).toBe("leader, accept");
  });

  test("elects somebody even if in the first round nobody heard a majority", () => {
    const cluster = newCluster(3);
    settle(cluster, within());
    round(cluster, within()); // qc ← false everywhere
    rounds(3, cluster);
    expect(ledBy(cluster, 0)).toHaveLength(1);
    expect(new Set(leadersOf(cluster)).size).toBe(1);
  });
});

describe("Figure 4: rounds", () => {
  test("a leader that is heard stays: no ballot moves", () => {
    const cluster = startedCluster(5);
    rounds(5, cluster);
    expect(leadersOf(cluster)).toEqual([firstLeader, firstLeader, firstLeader, firstLeader, firstLeader]);
  });

  test("qc ← false at a replica that hears fewer than a majority", () => {
    const cluster = startedCluster(5);
    round(cluster, within([0, 1, 2], [3, 4]));
    round(cluster, within([0, 1, 2], [3, 4]));
    for (const replica of cluster.lives.keys()) cluster.fire(replica, "round");
    cluster.deliverAll({ type: "heartbeat" });
    const replies = inFlight(cluster, "heartbeatReply").filter(({ to }) => to === 2 || to === 3);
    const flags = Object.fromEntries(replies.map((reply) => [reply.sender, reply.type === "heartbeatReply" && reply.quorumConnected]));
    expect(flags).toEqual({ 0: true, 1: true, 2: true, 3: false, 4: false });
  });

  test("a replica without a majority elects nobody and disturbs nobody when it is back", () => {
    const cluster = startedCluster(5);
    rounds(6, cluster, within([0, 1, 2, 3]));
    rounds(3, cluster);
    expect(leadersOf(cluster)).toEqual([firstLeader, firstLeader, firstLeader, firstLeader, firstLeader]);
  });

  test("when the leader is not heard, all raise their ballots above its, and a round later the highest is elected", () => {
    const cluster = startedCluster(3);
    cluster.crash(0);
    rounds(2, cluster); // the second one ends without a word from the leader
    expect(leadersOf(cluster).slice(1)).toEqual([firstLeader, firstLeader]);
    round(cluster);
    const next = nextBallot(firstLeader, 2);
    expect(leadersOf(cluster).slice(1)).toEqual([next, next]);
    expect(ledBy(cluster, 2)).toEqual([next]);
  });

  test("a leader that is heard but has lost its majority is no candidate: who hears a majority takes over", () => {
    // Quorum loss: only replica 1 keeps all its links, to the leader too.
    const cluster = startedCluster(5);
    const hub = without([0, 2], [0, 3], [0, 4], [2, 3], [2, 4], [3, 4]);
    rounds(4, cluster, hub);
    expect(ledBy(cluster, 1)).toEqual([nextBallot(firstLeader, 1)]);
    expect(cluster.lives.map((_, replica) => phaseOf(cluster, replica))).toEqual([
      "follower, accept", "leader, accept", "follower, accept", "follower, accept", "follower, accept",
    ]);
  });

  test("replies of an earlier round do not count", () => {
    const cluster = startedCluster(3);
    cluster.crash(1);
    cluster.fire(0, "round");
    cluster.deliverAll({ type: "heartbeat" }); // replica 2 has answered, but its answer is late
    cluster.fire(0, "round");
    cluster.deliver({ from: 2, to: 0, type: "heartbeatReply" }); // of the round before
    cluster.fire(0, "round");
    const asked = cluster.inFlight.filter(({ to }) => to === 2);
    expect(asked.length).toBeGreaterThan(0);
    cluster.drop({ from: 2, to: 0 });
    cluster.deliver({ from: 0, to: 2, type: "heartbeat" });
    cluster.fire(2, "round");
    cluster.deliver({ from: 2, to: 0, type: "heartbeat" });
    expect(inFlight(cluster, "heartbeatReply").filter(({ sender }) => sender === 0)).toMatchObject([{ quorumConnected: false }]);
  });
});

describe("ballots of elected leaders rise, and no two leaders share one", () => {
  test("over crashes and restarts", () => {
    const cluster = startedCluster(3);
    const led: number[] = [...ledBy(cluster, 0)];
    for (const crashed of [0, 2, 1, 2, 0]) {
      cluster.crash(crashed);
      rounds(4, cluster);
      const leader = cluster.lives.findIndex(({ up }, replica) => up && phaseOf(cluster, replica) === "leader, accept");
      led.push(ledBy(cluster, leader).at(-1)!);
      cluster.restart(crashed);
      rounds(4, cluster);
    }
    expect(led).toEqual([...led].sort((a, b) => a - b));
    expect(led.at(-1)).toBeGreaterThan(firstLeader);
  });

  test("l outlives a restart, even before anything is promised", () => {
    const cluster = newCluster(3);
    settleUntil(cluster, "prepare");
    cluster.crash(1);
    cluster.restart(1);
    expect(statusOf(cluster, 1)).toMatchObject({ leader: firstLeader, promised: noBallot });
  });

  test("a leader that restarts within a round is not taken for the leader that it was", () => {
    const cluster = startedCluster(3);
    cluster.crash(0);
    cluster.restart(0);
    expect(phaseOf(cluster, 0)).toBe("follower, recover");
    rounds(4, cluster);
    const leaders = new Set(leadersOf(cluster));
    expect(leaders.size).toBe(1);
    expect([...leaders][0]).toBeGreaterThan(firstLeader);
    cluster.request(0, 1);
    expect(cluster.lives[0]!.forwarded).toHaveLength(1);
  });

  test("all restart at once: somebody leads again, in a new ballot", () => {
    const cluster = startedCluster(3);
    for (const replica of [0, 1, 2]) cluster.crash(replica);
    for (const replica of [0, 1, 2]) cluster.restart(replica);
    rounds(3, cluster);
    const leader = proposerOf(statusOf(cluster, 1)["leader"] as typeof firstLeader);
    expect(phaseOf(cluster, leader)).toBe("leader, accept");
    expect(ledBy(cluster, leader)[0]).toBeGreaterThan(firstLeader);
  });

  test("l is at least what this replica promised: a dead leader's prepare blocks nobody", () => {
    const cluster = startedCluster(3);
    const highest = ballotOf(9, 2);
    cluster.lives[1]!.replica.onMessage(2, { type: "prepare", ballot: highest, acceptedRound: firstLeader, length: 0, decided: 0 });
    cluster.crash(2);
    cluster.drop();
    rounds(3, cluster, all);
    expect(ledBy(cluster, 1)).toEqual([nextBallot(highest, 1)]);
    const command = cluster.request(1, 1);
    settle(cluster);
    expect(cluster.lives[0]!.executed).toEqual([command]);
  });
});
