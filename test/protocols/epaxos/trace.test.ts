import { expect, test } from "vitest";
import epaxos from "../../../protocols/epaxos/index.ts";
import { traceOf } from "paxbench/testing";

test("five replicas, a command that interferes with none: one round trip, the fast path", () => {
  expect(firstInstanceOf(0, { replicas: 5, conflict: 0 })).toMatchInlineSnapshot(`
    "57833 0→1 preAccept {"leader":0,"number":1,"ballot":0,"command":{"id":32,"readOnly":false},"seq":1,"deps":[0,0,0,0,0],"quorum":7}
    57833 0→2 preAccept {"leader":0,"number":1,"ballot":0,"command":{"id":32,"readOnly":false},"seq":1,"deps":[0,0,0,0,0],"quorum":7}
    67833 1→0 preAcceptOk {"leader":0,"number":1,"ballot":0,"seq":1,"deps":[0,0,0,0,0],"covered":31}
    67833 2→0 preAcceptOk {"leader":0,"number":1,"ballot":0,"seq":1,"deps":[0,0,0,0,0],"covered":31}
    77833 0→1 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":1,"deps":[0,0,0,0,0]}
    77833 0→2 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":1,"deps":[0,0,0,0,0]}
    77833 0→3 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":1,"deps":[0,0,0,0,0]}
    77833 0→4 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":1,"deps":[0,0,0,0,0]}"
  `);
});

test("five commands at once that all interfere: two round trips, the slow path", () => {
  expect(firstInstanceOf(0, { replicas: 5, conflict: 1 })).toMatchInlineSnapshot(`
    "57833 0→1 preAccept {"leader":0,"number":1,"ballot":0,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,0,3,1],"quorum":7}
    57833 0→2 preAccept {"leader":0,"number":1,"ballot":0,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,0,3,1],"quorum":7}
    67833 1→0 preAcceptOk {"leader":0,"number":1,"ballot":0,"seq":5,"deps":[0,0,0,3,1],"covered":7}
    67833 2→0 preAcceptOk {"leader":0,"number":1,"ballot":0,"seq":5,"deps":[0,0,1,3,1],"covered":3}
    77833 0→1 accept {"leader":0,"number":1,"ballot":0,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,1,3,1]}
    77833 0→2 accept {"leader":0,"number":1,"ballot":0,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,1,3,1]}
    87833 1→0 acceptOk {"leader":0,"number":1,"ballot":0}
    87833 2→0 acceptOk {"leader":0,"number":1,"ballot":0}
    97833 0→1 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,1,3,1]}
    97833 0→2 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,1,3,1]}
    97833 0→3 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,1,3,1]}
    97833 0→4 commit {"leader":0,"number":1,"command":{"id":32,"readOnly":false},"seq":5,"deps":[0,0,1,3,1]}"
  `);
});

/** Every message about instance `leader`.1. Round trips are 20 ms; clients begin within the first 100 ms. */
const firstInstanceOf = (leader: number, run: { readonly replicas: number; readonly conflict: number }): string =>
  traceOf(epaxos, { ...run, clientsPerSite: 1 }, 200)
    .filter((line) => line.includes(`{"leader":${leader},"number":1,`))
    .join("\n");
