/** What of an instance must be on disk before whom it is told to. */
import { ballotOf, noReplicas } from "paxbench";
import { describe, expect, test } from "vitest";
import { depsOf, fastQuorumOf, namesOf, replicaWithSlowDisk, writeOf } from "./support.ts";

const key = 7;

describe("what waits for the journal", () => {
  const ballot = ballotOf(0, 1);
  const instance = { leader: 1, number: 1, ballot };
  const vote = { ...instance, command: writeOf(1, key), seq: 1, deps: depsOf(5), quorum: fastQuorumOf(5, 1) };
  const own = { leader: 0, number: 1, ballot: ballotOf(0, 0), seq: 1, deps: depsOf(5) };

  test("a PreAccept waits: its instance number is never used again", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 5);
    replica.onRequest(vote.command);
    expect(takeCaused()).toEqual(["persist preAccepted", "send preAccept 1", "send preAccept 2"]);
  });

  test("a vote waits, in either phase", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 5);
    replica.onMessage(1, { type: "preAccept", ...vote });
    expect(takeCaused()).toEqual(["persist preAccepted", "send preAcceptOk 1"]);
    replica.onMessage(1, { type: "accept", ...vote });
    expect(takeCaused()).toEqual(["persist accepted", "send acceptOk 1"]);
  });

  test("the leader's Accept overtakes; its own vote is one like any other", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 5);
    replica.onRequest(vote.command);
    replica.onMessage(1, { type: "preAcceptOk", ...own, covered: noReplicas });
    takeCaused();
    replica.onMessage(2, { type: "preAcceptOk", ...own, seq: 2, deps: depsOf(5, { 2: 1 }), covered: noReplicas });
    expect(takeCaused()).toEqual(["ahead accept 0", "ahead accept 1", "ahead accept 2"]);
  });

  test("a fast-path Commit waits, the leader's own included: after a restart it must know what it has decided", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 5);
    replica.onRequest(vote.command);
    takeCaused();
    for (const peer of [1, 2]) replica.onMessage(peer, { type: "preAcceptOk", ...own, covered: noReplicas });
    expect(takeCaused()).toEqual([
      "persist committed", "send commit 0", "send commit 1", "send commit 2", "send commit 3", "send commit 4",
    ]);
    // Meanwhile whoever asks hears of the decision, once it is durable.
    replica.onMessage(3, { type: "prepare", leader: 0, number: 1, ballot: ballotOf(1, 3) });
    expect(takeCaused()).toEqual(["send commit 3"]);
    replica.onMessage(0, { type: "commit", leader: 0, number: 1, command: vote.command, seq: 1, deps: depsOf(5) });
    expect(takeCaused()).toEqual([`execute ${namesOf(vote.command)[0]}`]);
  });

  test("a slow-path Commit overtakes: a majority's votes are durable", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 5);
    replica.onRequest(vote.command);
    replica.onMessage(1, { type: "preAcceptOk", ...own, covered: noReplicas });
    replica.onMessage(2, { type: "preAcceptOk", ...own, seq: 2, deps: depsOf(5, { 2: 1 }), covered: noReplicas });
    takeCaused();
    for (const peer of [0, 1, 2]) replica.onMessage(peer, { type: "acceptOk", leader: 0, number: 1, ballot: own.ballot });
    expect(takeCaused()).toEqual(["ahead commit 1", "ahead commit 2", "ahead commit 3", "ahead commit 4", "persist committed"]);
  });

  test("a Prepare waits: its ballot is never used again. So do the answers", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 3);
    replica.onMessage(1, { type: "commit", leader: 1, number: 2, command: vote.command, seq: 2, deps: depsOf(3, { 1: 1 }) });
    takeCaused();
    for (let i = 0; i < 5; i++) replica.onTimer("sweep");
    const caused = takeCaused().filter((what) => !what.includes("learn"));
    expect(caused.slice(0, 4)).toEqual(["persist joined", "send prepare 0", "send prepare 1", "send prepare 2"]);
    replica.onMessage(2, { type: "prepare", leader: 1, number: 1, ballot: ballotOf(9, 2) });
    expect(takeCaused()).toEqual(["persist joined", "send prepareOk 2"]);
    replica.onMessage(2, {
      type: "tryPreAccept", leader: 1, number: 1, ballot: ballotOf(10, 2), command: writeOf(2, key), seq: 1, deps: depsOf(3), quorum: fastQuorumOf(3, 1),
    });
    expect(takeCaused()).toEqual(["persist joined", "persist preAccepted", "send tryPreAcceptOk 2"]);
  });

  test("a single replica commits when its own vote is durable", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 1);
    replica.onRequest(vote.command);
    expect(takeCaused()).toEqual(["persist preAccepted", "send preAcceptOk 0"]);
  });
});
