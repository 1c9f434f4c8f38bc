import { expect, test } from "vitest";
import raft from "../../../protocols/raft/index.ts";
import { traceOf } from "paxbench/testing";

test("start-up, the no-op of term 1, a follower's command: every message, round trip 20 ms", () => {
  const trace = traceOf(raft, { replicas: 3, clientsPerSite: 1, seed: 145 }, 17);
  expect(trace.join("\n")).toMatchInlineSnapshot(`
    "0 0→1 requestVote {"term":1,"lastLogIndex":0,"lastLogTerm":0}
    0 0→2 requestVote {"term":1,"lastLogIndex":0,"lastLogTerm":0}
    10000 1→0 vote {"term":1,"voteGranted":true}
    10000 2→0 vote {"term":1,"voteGranted":true}
    20000 0→1 appendEntries {"term":1,"prevLogIndex":0,"prevLogTerm":0,"entries":[{"term":1,"command":{"id":0,"readOnly":true}}],"leaderCommit":0}
    20000 0→2 appendEntries {"term":1,"prevLogIndex":0,"prevLogTerm":0,"entries":[{"term":1,"command":{"id":0,"readOnly":true}}],"leaderCommit":0}
    30000 1→0 appended {"term":1,"matchIndex":1}
    30000 2→0 appended {"term":1,"matchIndex":1}
    40000 0→1 commit {"term":1,"commitIndex":1}
    40000 0→2 commit {"term":1,"commitIndex":1}
    42384 1→0 forward {"command":{"id":33,"readOnly":false}}
    52384 0→1 appendEntries {"term":1,"prevLogIndex":1,"prevLogTerm":1,"entries":[{"term":1,"command":{"id":33,"readOnly":false}}],"leaderCommit":1}
    52384 0→2 appendEntries {"term":1,"prevLogIndex":1,"prevLogTerm":1,"entries":[{"term":1,"command":{"id":33,"readOnly":false}}],"leaderCommit":1}
    62384 1→0 appended {"term":1,"matchIndex":2}
    62384 2→0 appended {"term":1,"matchIndex":2}
    72384 0→1 commit {"term":1,"commitIndex":2}
    72384 0→2 commit {"term":1,"commitIndex":2}"
  `);
});
