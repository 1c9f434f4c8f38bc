/** Sequence Paxos (Figure 3), step by step. */
import { ballotOf, commandName, nextBallot, noBallot, type Command } from "paxbench";
import { describe, expect, test } from "vitest";
import {
  firstLeader, inFlight, ledBy, newCluster, phaseOf, reconnect, round, rounds, settle, settleUntil, startedCluster, statusOf, within, without, type Cluster,
} from "./schedules.ts";

const names = (...commands: readonly Command[]) => commands.map(({ id }) => commandName(id));
const settled = (cluster: Cluster, replica: number, key: number, links?: Parameters<typeof settle>[1]): Command => {
  const command = cluster.request(replica, key);
  settle(cluster, links);
  return command;
};

describe("Figure 3: accept phase", () => {
  test("a command is decided when a majority has accepted it, and followers learn so at once", () => {
    const cluster = startedCluster(3);
    const command = cluster.request(0, 1);
    cluster.deliver({ from: 0, to: 1, type: "accept" });
    expect(cluster.executed(0)).toEqual([]);
    cluster.deliver({ from: 1, to: 0, type: "accepted" });
    expect(cluster.executed(0)).toEqual(names(command));
    cluster.deliver({ from: 0, to: 1, type: "decide" });
    expect(cluster.executed(1)).toEqual(names(command));
    expect(cluster.executed(2)).toEqual([]);
  });

  test("commands are pipelined: none waits for the one before", () => {
    const cluster = startedCluster(3);
    const commands = [cluster.request(0, 1), cluster.request(0, 2), cluster.request(0, 3)];
    expect(inFlight(cluster, "accept").filter(({ to }) => to === 1)).toMatchObject([{ slot: 0 }, { slot: 1 }, { slot: 2 }]);
    settle(cluster);
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual(names(...commands));
  });

  test("an index is chosen by all who accepted at least that much", () => {
    const cluster = startedCluster(5);
    const [first] = [cluster.request(0, 1), cluster.request(0, 2), cluster.request(0, 3)];
    for (const slots of [[0], [0, 1, 2]].entries()) {
      for (const _ of slots[1]) cluster.deliver({ from: 0, to: slots[0] + 1, type: "accept" });
    }
    cluster.drop({ from: 2, to: 0 }); // replica 2's words for slots 0 and 1 among them
    cluster.deliver({ from: 1, to: 0, type: "accepted" });
    expect(cluster.executed(0)).toEqual([]);
    cluster.deliver({ from: 0, to: 3, type: "accept" });
    cluster.deliver({ from: 3, to: 0, type: "accepted" });
    expect(cluster.executed(0)).toEqual(names(first));
  });

  test("acceptances of another round do not count", () => {
    const cluster = startedCluster(3);
    const command = cluster.request(0, 1);
    const { replica } = cluster.lives[0]!;
    replica.onMessage(1, { type: "accepted", ballot: ballotOf(1, 0), length: 1 });
    expect(cluster.executed(0)).toEqual([]);
    replica.onMessage(1, { type: "accepted", ballot: firstLeader, length: 1 });
    expect(cluster.executed(0)).toEqual(names(command));
  });

  test("followers ignore the decides of another round", () => {
    const cluster = startedCluster(3);
    cluster.request(0, 1);
    cluster.deliver({ from: 0, to: 1, type: "accept" });
    const { replica } = cluster.lives[1]!;
    replica.onMessage(2, { type: "decide", ballot: ballotOf(1, 2), upTo: 1 });
    expect(cluster.executed(1)).toEqual([]);
    replica.onMessage(0, { type: "decide", ballot: firstLeader, upTo: 1 });
    expect(cluster.executed(1)).toHaveLength(1);
  });

  test("followers ignore the accepts of another round: a deposed leader decides nothing", () => {
    const cluster = startedCluster(3);
    rounds(3, cluster, without([0, 2])); // chained: replica 2 takes over, replica 0 is not told
    expect(phaseOf(cluster, 2)).toBe("leader, accept");
    expect(phaseOf(cluster, 0)).toBe("leader, accept");
    const lost = settled(cluster, 0, 1, without([0, 2]));
    expect(cluster.lives.map((_, replica) => cluster.executed(replica))).toEqual([[], [], []]);
    expect(statusOf(cluster, 1)["log"]).toBe(0);
    const command = settled(cluster, 2, 2, without([0, 2]));
    reconnect(cluster, 0, 2);
    settle(cluster);
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual(names(command));
    expect(names(lost)).not.toEqual(names(command));
  });
});

describe("Figure 3: prepare phase", () => {
  test("a leader whose log lags gets what it lacks in the promises", () => {
    const cluster = startedCluster(3);
    const commands = [1, 2, 3].map((key) => settled(cluster, 0, key, within([0, 1])));
    cluster.crash(0);
    rounds(2, cluster);
    for (const replica of [1, 2]) cluster.fire(replica, "round");
    cluster.deliver({ type: "heartbeat" });
    settleUntil(cluster, "promise");
    expect(inFlight(cluster, "promise")).toMatchObject([{ sender: 1, to: 2, length: 3, suffix: commands.map(({ id }) => ({ id })) }]);
    settle(cluster);
    expect(ledBy(cluster, 2)).toHaveLength(1);
    expect(cluster.executed(2)).toEqual(names(...commands));
  });

  test("no more than the leader lacks: a promise carries the suffix only, and nothing when the leader's log wins", () => {
    const cluster = startedCluster(3);
    settled(cluster, 0, 1);
    const second = settled(cluster, 0, 2, within([0, 1]));
    cluster.crash(0);
    rounds(2, cluster);
    for (const replica of [1, 2]) cluster.fire(replica, "round");
    settleUntil(cluster, "promise");
    expect(inFlight(cluster, "promise")).toMatchObject([{ suffix: [{ id: second.id }] }]);
  });

  test("a log of a higher accepted round wins over a longer one", () => {
    const cluster = startedCluster(3);
    cluster.crash(0);
    rounds(3, cluster); // replica 2 leads
    const lost = [1, 2, 3].map((key) => settled(cluster, 2, key, within([2])));
    cluster.restart(0);
    rounds(4, cluster, within([0, 1])); // replica 1 leads
    const kept = settled(cluster, 1, 4, within([0, 1]));
    expect(cluster.executed(0)).toEqual(names(kept));
    cluster.crash(0);
    rounds(2, cluster); // replica 2 hears that replica 1 leads
    cluster.crash(1);
    cluster.restart(1);
    rounds(4, cluster); // replica 2 leads again: its log is longer, but of an older round
    expect(ledBy(cluster, 2)).toHaveLength(2);
    const next = settled(cluster, 2, 5);
    expect(cluster.executed(1)).toEqual(names(kept, next));
    expect(cluster.executed(2)).toEqual(names(kept, next));
    expect(statusOf(cluster, 2)["log"]).toBe(2);
    expect(lost).toHaveLength(3);
  });

  test("of equal accepted rounds the longer log wins: what may be chosen survives", () => {
    const cluster = startedCluster(3);
    const command = cluster.request(0, 1);
    cluster.deliver({ from: 0, to: 1, type: "accept" }); // chosen by 0 and 1; nobody knows
    cluster.drop();
    cluster.crash(0);
    rounds(4, cluster);
    expect(ledBy(cluster, 2)).toHaveLength(1);
    expect(cluster.executed(1)).toEqual(names(command));
    expect(cluster.executed(2)).toEqual(names(command));
  });

  test("a log of an older round is replaced from its decided end, though its length may fit", () => {
    const cluster = startedCluster(3);
    const lost = settled(cluster, 0, 1, within([0]));
    rounds(4, cluster, within([1, 2])); // replica 2 leads
    const kept = [settled(cluster, 2, 2, within([1, 2])), settled(cluster, 2, 3, within([1, 2]))];
    cluster.crash(2);
    cluster.restart(2);
    rounds(4, cluster, within([1, 2])); // a leader adopts both; replica 0 has one of another round
    reconnect(cluster, 0, 1);
    reconnect(cluster, 0, 2);
    settle(cluster);
    expect(cluster.executed(0)).toEqual(names(...kept));
    expect(cluster.executed(0)).not.toContain(names(lost)[0]);
  });

  test("promises of another round do not count", () => {
    const cluster = newCluster(3);
    settleUntil(cluster, "prepare");
    const { replica } = cluster.lives[0]!;
    const none = { acceptedRound: noBallot, length: 0, decided: 0, suffix: [] };
    replica.onMessage(1, { type: "promise", ballot: ballotOf(1, 0), ...none });
    expect(phaseOf(cluster, 0)).toBe("leader, prepare");
    replica.onMessage(1, { type: "promise", ballot: firstLeader, ...none });
    expect(phaseOf(cluster, 0)).toBe("leader, accept");
  });

  test("commands that arrive meanwhile are buffered", () => {
    const cluster = newCluster(3);
    settleUntil(cluster, "prepare");
    expect(phaseOf(cluster, 0)).toBe("leader, prepare");
    const command = cluster.request(0, 1);
    expect(inFlight(cluster, "accept")).toEqual([]);
    settle(cluster);
    expect(cluster.executed(1)).toEqual(names(command));
  });

  test("a prepare below the promised round is ignored", () => {
    const cluster = startedCluster(3);
    cluster.lives[1]!.replica.onMessage(2, { type: "prepare", ballot: ballotOf(1, 2), acceptedRound: noBallot, length: 0, decided: 0 });
    expect(cluster.inFlight).toEqual([]);
    expect(phaseOf(cluster, 1)).toBe("follower, accept");
  });
});

describe("Figure 3: a promise that comes when the leader is in the accept phase", () => {
  test("gets an AcceptSync of its own, with what was decided meanwhile", () => {
    const cluster = newCluster(3);
    settle(cluster, (from, to) => !(from === 2 && to === 0 && cluster.inFlight[0]!.message.type === "promise"));
    const commands = [settled(cluster, 0, 1), cluster.request(0, 2)];
    expect(inFlight(cluster, "accept")).toMatchObject([{ to: 1 }]); // to those who promised
    settle(cluster);
    expect(cluster.executed(2)).toEqual([]);
    expect(phaseOf(cluster, 2)).toBe("follower, prepare");
    reconnect(cluster, 0, 2);
    settleUntil(cluster, "acceptSync");
    expect(inFlight(cluster, "acceptSync")).toMatchObject([{ to: 2, from: 0, suffix: commands.map(({ id }) => ({ id })), decided: 2 }]);
    settle(cluster);
    expect(cluster.executed(2)).toEqual(names(...commands));
    const next = settled(cluster, 0, 3);
    expect(cluster.executed(2)).toEqual(names(...commands, next));
  });

  test("of the adopted round but shorter: it gets all that it lacks, not what follows the adopted promise", () => {
    const cluster = startedCluster(3);
    const commands = [settled(cluster, 0, 1), settled(cluster, 0, 2, within([0, 1]))];
    cluster.crash(0);
    cluster.restart(0);
    rounds(4, cluster, within([0, 1])); // replica 1 leads and adopts a log of length 2; replica 2 has 1 of it
    expect(ledBy(cluster, 1)).toHaveLength(1);
    reconnect(cluster, 1, 2);
    settle(cluster);
    expect(statusOf(cluster, 2)["acceptedRound"]).toBe(ledBy(cluster, 1)[0]);
    expect(cluster.executed(2)).toEqual(names(...commands));
  });

  test("of the adopted round but longer: what exceeds the adopted log goes", () => {
    const cluster = startedCluster(3);
    const first = settled(cluster, 0, 1);
    const lost = settled(cluster, 0, 2, within([0]));
    rounds(4, cluster, within([1, 2]));
    expect(ledBy(cluster, 2)).toHaveLength(1);
    reconnect(cluster, 0, 1);
    reconnect(cluster, 0, 2);
    settle(cluster);
    expect(statusOf(cluster, 0)["log"]).toBe(1);
    const next = settled(cluster, 2, 3);
    expect(cluster.executed(0)).toEqual(names(first, next));
    expect(cluster.executed(0)).not.toContain(names(lost)[0]);
  });
});

describe("Figure 3: recovery", () => {
  test("a restarted replica asks all for a prepare, and the leader brings it up to date", () => {
    const cluster = startedCluster(3);
    const before = settled(cluster, 0, 1);
    cluster.crash(1);
    const meanwhile = settled(cluster, 0, 2);
    cluster.restart(1);
    expect(phaseOf(cluster, 1)).toBe("follower, recover");
    expect(inFlight(cluster, "prepareRequest")).toMatchObject([{ sender: 1, to: 0 }, { sender: 1, to: 2 }]);
    settle(cluster);
    expect(phaseOf(cluster, 1)).toBe("follower, accept");
    expect(cluster.executed(1)).toEqual(names(before, meanwhile));
    expect(ledBy(cluster, 0)).toEqual([firstLeader]);
  });

  test("a replica that recovers ignores the accepts of its round until it is prepared", () => {
    const cluster = startedCluster(3);
    cluster.request(0, 1);
    cluster.request(0, 2);
    cluster.drop({ from: 0, to: 1, type: "accept" });
    cluster.link(1, 0, false);
    cluster.link(1, 0, true);
    const late = cluster.request(0, 3);
    cluster.deliver({ from: 0, to: 1, type: "accept" });
    expect(inFlight(cluster, "accepted").filter(({ sender }) => sender === 1)).toEqual([]);
    settle(cluster);
    expect(cluster.executed(1)).toHaveLength(3);
    expect(cluster.executed(1).at(-1)).toBe(names(late)[0]);
  });

  test("⟨Reconnected⟩ to the leader: what the link lost comes again", () => {
    const cluster = startedCluster(3);
    const accepted = cluster.request(0, 1);
    cluster.deliver({ from: 0, to: 2, type: "accept" });
    settle(cluster, without([0, 2])); // the decide is lost
    const lost = [2, 3].map((key) => settled(cluster, 0, key, without([0, 2])));
    const commands = [accepted, ...lost];
    expect(cluster.executed(2)).toEqual([]);
    reconnect(cluster, 0, 2);
    expect(phaseOf(cluster, 2)).toBe("follower, recover");
    settleUntil(cluster, "acceptSync");
    expect(inFlight(cluster, "acceptSync")).toMatchObject([{ to: 2, suffix: lost.map(({ id }) => ({ id })) }]);
    settle(cluster);
    expect(phaseOf(cluster, 2)).toBe("follower, accept");
    expect(cluster.executed(2)).toEqual(names(...commands));
  });

  test("⟨Reconnected⟩ to a peer that came to lead meanwhile: the old leader follows, and drops what was not chosen", () => {
    const cluster = startedCluster(3);
    const lost = settled(cluster, 0, 1, within([1, 2]));
    rounds(4, cluster, within([1, 2]));
    expect(phaseOf(cluster, 0)).toBe("leader, accept");
    const command = settled(cluster, 2, 2, within([1, 2]));
    reconnect(cluster, 0, 2);
    settle(cluster, without([0, 1]));
    expect(phaseOf(cluster, 0)).toBe("follower, accept");
    expect(cluster.executed(0)).toEqual(names(command));
    expect(names(lost)).not.toEqual(names(command));
  });

  test("an AcceptSync to an earlier promise of the round takes nothing back", () => {
    const cluster = startedCluster(3);
    const first = settled(cluster, 0, 1);
    const second = cluster.request(0, 2);
    cluster.deliver({ from: 0, to: 1, type: "accept" });
    const { replica } = cluster.lives[1]!;
    const early = { type: "acceptSync", ballot: firstLeader, from: 0, suffix: [first], decided: 1 } as const;
    replica.onMessage(0, { type: "prepare", ballot: firstLeader, acceptedRound: firstLeader, length: 2, decided: 1 });
    replica.onMessage(0, early);
    expect(statusOf(cluster, 1)).toMatchObject({ phase: "accept", log: 2, decided: 1 });
    replica.onMessage(0, { type: "prepare", ballot: firstLeader, acceptedRound: firstLeader, length: 2, decided: 1 });
    replica.onMessage(0, { ...early, suffix: [first, second], decided: 2 });
    expect(cluster.executed(1)).toEqual(names(first, second));
  });

  test("a gap in the accepts shows that something was lost, before the link says so", () => {
    const cluster = startedCluster(3);
    const first = cluster.request(0, 1);
    cluster.drop({ from: 0, to: 1 });
    const second = cluster.request(0, 2);
    cluster.deliver({ from: 0, to: 1, type: "accept" });
    expect(phaseOf(cluster, 1)).toBe("follower, recover");
    settle(cluster);
    expect(cluster.executed(1)).toEqual(names(first, second));
  });

  test("a lost accept is noticed by the decide, too", () => {
    const cluster = startedCluster(3);
    const command = cluster.request(0, 1);
    cluster.drop({ from: 0, to: 1, type: "accept" });
    settle(cluster);
    expect(cluster.executed(1)).toEqual(names(command));
  });
});

describe("what must not be forgotten", () => {
  test("log and rounds are restored; what was recorded as decided is executed again", () => {
    const cluster = startedCluster(3);
    const commands = [settled(cluster, 0, 1), settled(cluster, 0, 2)];
    round(cluster); // records how far the log is decided
    const undecided = cluster.request(0, 3);
    cluster.deliver({ from: 0, to: 1, type: "accept" });
    cluster.drop();
    const { role: _role, phase: _phase, ...before } = statusOf(cluster, 1);
    cluster.crash(1);
    cluster.restart(1);
    expect(statusOf(cluster, 1)).toMatchObject({ ...before, phase: "recover", log: 3, decided: 2 });
    expect(cluster.executed(1)).toEqual(names(...commands));
    expect(names(undecided)).toHaveLength(1);
  });

  test("a promise outlives a restart: lower rounds stay ignored", () => {
    const cluster = startedCluster(3);
    const promised = nextBallot(firstLeader, 2);
    cluster.lives[1]!.replica.onMessage(2, { type: "prepare", ballot: promised, acceptedRound: firstLeader, length: 0, decided: 0 });
    cluster.drop();
    cluster.crash(1);
    cluster.restart(1);
    cluster.drop();
    cluster.lives[1]!.replica.onMessage(0, { type: "prepare", ballot: firstLeader, acceptedRound: firstLeader, length: 0, decided: 0 });
    expect(cluster.inFlight).toEqual([]);
    expect(statusOf(cluster, 1)["promised"]).toBe(promised);
  });

  test("a leader that restarts never leads in its old round again", () => {
    const cluster = startedCluster(3);
    cluster.crash(0);
    cluster.restart(0);
    cluster.lives[1]!.replica.onMessage(0, { type: "prepareRequest" });
    settle(cluster);
    expect(phaseOf(cluster, 0)).toBe("follower, recover");
    rounds(6, cluster);
    for (const replica of [0, 1, 2]) for (const ballot of ledBy(cluster, replica)) expect(ballot).toBeGreaterThan(firstLeader);
  });

  test("a round is entered with its whole log in one record", () => {
    const cluster = startedCluster(3);
    const commands = [1, 2, 3].map((key) => settled(cluster, 0, key, within([0, 1])));
    cluster.crash(0);
    rounds(4, cluster);
    const entered = cluster.lives[2]!.journal.filter(({ type }) => type === "synchronized").at(-1);
    expect(entered).toMatchObject({ ballot: ledBy(cluster, 2)[0], from: 0, suffix: commands.map(({ id }) => ({ id })) });
  });

  test("nobody replaces what is decided", () => {
    const cluster = startedCluster(3);
    settled(cluster, 0, 1);
    const ballot = nextBallot(firstLeader, 2);
    const { replica } = cluster.lives[1]!;
    replica.onMessage(2, { type: "prepare", ballot, acceptedRound: firstLeader, length: 1, decided: 0 });
    expect(() => replica.onMessage(2, { type: "acceptSync", ballot, from: 0, suffix: [], decided: 0 })).toThrow("slots below 1 are decided");
  });
});
