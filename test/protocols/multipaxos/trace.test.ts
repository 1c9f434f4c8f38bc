/** Three replicas, 20 ms apart there and back, message by message. Ballot 32 is round 1 of replica 0, command 34 the first of replica 2. */
import { millisecond } from "paxbench";
import { expect, test } from "vitest";
import multipaxos from "../../../protocols/multipaxos/index.ts";
import { traceOf } from "paxbench/testing";

test("phase 1 once, then a round trip from the leader to a majority for each command, its own or forwarded", () => {
  const trace = traceOf(multipaxos, { clientsPerSite: 1, warmup: 0, duration: 80 * millisecond }, 15);
  expect(trace.join("\n")).toMatchInlineSnapshot(`
    "0 0→1 prepare {"ballot":32,"from":0}
    0 0→2 prepare {"ballot":32,"from":0}
    10000 1→0 promise {"ballot":32,"accepted":[]}
    10000 2→0 promise {"ballot":32,"accepted":[]}
    20000 0→1 heartbeat {"ballot":32,"upTo":0}
    20000 0→2 heartbeat {"ballot":32,"upTo":0}
    57833 0→1 accept {"ballot":32,"slot":0,"command":{"id":32,"readOnly":false}}
    57833 0→2 accept {"ballot":32,"slot":0,"command":{"id":32,"readOnly":false}}
    60968 2→0 forward {"command":{"id":34,"readOnly":false}}
    67833 1→0 accepted {"ballot":32,"slot":0}
    67833 2→0 accepted {"ballot":32,"slot":0}
    70968 0→1 accept {"ballot":32,"slot":1,"command":{"id":34,"readOnly":false}}
    70968 0→2 accept {"ballot":32,"slot":1,"command":{"id":34,"readOnly":false}}
    77833 0→1 decide {"ballot":32,"upTo":1}
    77833 0→2 decide {"ballot":32,"upTo":1}"
  `);
});
