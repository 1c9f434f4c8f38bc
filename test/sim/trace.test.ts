import { ballotOf, millisecond, second } from "paxbench";
import { simulateProtocol, type TestRun } from "paxbench/testing";
import { describe, expect, test } from "vitest";
import type { Step } from "../../src/faults/scenario.ts";
import { Trace } from "../../src/sim/trace.ts";
import { contentOf, operationText, resultText } from "../../src/sim/trace-text.ts";
import { createScribe } from "./scribe.ts";
import { createSequencer, type Flaw } from "./sequencer.ts";

/** A client a site, one command each, 10 ms from site to site. */
const small: TestRun = { clientsPerSite: 1, commands: 1, conflict: 1, warmup: 0, duration: second / 2 };

const tracedRun = (protocol: ReturnType<typeof createSequencer>, run: TestRun = small) => {
  const trace = new Trace(protocol, 3);
  const outcome = simulateProtocol(protocol, run, { trace });
  return { trace, outcome, events: trace.events };
};
const traced = (flaw: Flaw, steps: readonly Step[] = []) =>
  tracedRun(createSequencer(flaw), { ...small, scenario: { name: "test", steps } });

const messageOf = (events: Trace["events"], place: number) => {
  const sent = events[place]!;
  if (sent.type !== "sent") throw new Error(`event ${place} is ${sent.type}`);
  return sent;
};

describe("a trace", () => {
  test("tells one command's way from the call to the reply", () => {
    const { events } = traced("none");
    const request = "1.0";
    const way = events.flatMap((event) => {
      if (event.type === "called" && event.request === request) return [`client ${event.lane - 3} calls`];
      if (event.type === "executed" && event.request === request) return [`${event.lane} executes`];
      if (event.type === "returned" && event.lane === 4) return [`client 1 has ${event.result}`];
      if (event.type === "delivered" && messageOf(events, event.message).content.includes(request)) {
        return [`${messageOf(events, event.message).name} at ${event.lane}`];
      }
      return [];
    });
    expect(way).toEqual([
      "client 1 calls", "request at 1", "forward at 0", "0 executes", "ordered at 1", "1 executes",
      "ordered at 2", "2 executes", "reply at 4", "client 1 has ok",
    ]);
  });

  test("has every delivery after its message was sent, and at the end of its way", () => {
    const { events } = traced("none");
    const deliveries = events.filter((event) => event.type === "delivered");
    expect(deliveries.length).toBeGreaterThan(10);
    for (const { at, lane, message } of deliveries) {
      const sent = messageOf(events, message);
      expect([sent.to, Math.max(sent.due, at)]).toEqual([lane, at]);
    }
  });

  test("has no delivery of what a cut link lost, and names the fault with its leader resolved", () => {
    const steps: Step[] = [{ at: 0, fault: { type: "isolate", replica: "leader" } }];
    const { events } = traced("none", steps);
    const delivered = new Set(events.flatMap((event) => (event.type === "delivered" ? [event.message] : [])));
    const lost = events.flatMap((event, place) => (event.type === "sent" && event.name === "forward" && !delivered.has(place) ? [event.to] : []));
    expect(lost).toContain(0);
    expect(events.flatMap((event) => (event.type === "fault" ? [event.fault] : []))).toEqual([{ type: "isolate", replica: 0 }, { type: "heal" }]);
  });

  test("has crashes with what they cost, and new lives", () => {
    const steps: Step[] = [{ at: 100 * millisecond, fault: { type: "crash", replica: 2 } }, { at: 200 * millisecond, fault: { type: "restart", replica: 2 } }];
    const lives = traced("none", steps).events.filter(({ type, lane }) => lane === 2 && (type === "started" || type === "crashed"));
    expect(lives.map(({ at, type }) => [at, type])).toEqual([[0, "started"], [100 * millisecond, "crashed"], [200 * millisecond, "started"]]);
  });

  test("has what is written to a journal", () => {
    const { events } = tracedRun(createScribe(2), { ...small, sync: 5 * millisecond });
    expect(events.some(({ type }) => type === "persisted")).toBe(true);
    expect(events.some(({ type }) => type === "synced")).toBe(true);
  });

  test("marks the moment and the replica of a violation", () => {
    const { events, outcome } = tracedRun(createSequencer("swaps pairs"), { ...small, commands: 4 });
    const marks = events.flatMap((event) => (event.type === "violated" ? [event] : []));
    expect(marks.map(({ check, detail }) => ({ check, detail }))).toEqual(outcome.violations.filter(({ check }) => check === "ledger"));
    expect(marks[0]!.lane).toBe(2);
  });

  test("puts what is found out afterwards where it became visible", () => {
    const { trace, events } = traced("none");
    const [before] = events.filter(({ type }) => type === "returned");
    trace.refuted(before!.at, 0, "linearizable", "no order");
    const place = events.findIndex(({ type }) => type === "violated");
    expect(events[place]).toMatchObject({ at: before!.at, lane: 3, check: "linearizable" });
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  test("changes nothing in the run", () => {
    expect(traced("none").outcome.events).toBe(simulateProtocol(createSequencer("none"), small).events);
  });
});

test("clients stop after as many commands as they are given", () => {
  const { events } = tracedRun(createSequencer("none"), { ...small, commands: 3 });
  expect(events.filter(({ type }) => type === "called")).toHaveLength(9);
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("words", () => {
  test.each([
    [operationText({ type: "put", key: "k", value: bytes("v") }), "put k=v"],
    [operationText({ type: "get", key: "k" }), "get k"],
    [operationText({ type: "cas", key: "k", expected: null, value: bytes("v") }), "cas k: absent→v"],
    [operationText({ type: "put", key: "k", value: bytes("é".repeat(20)) }), `put k=${"·".repeat(24)}… (40 bytes)`],
    [resultText({ type: "get", key: "k" }, { ok: true, value: bytes("v") }), "→ v"],
    [resultText({ type: "delete", key: "k" }, { ok: true, value: null }), "ok"],
    [resultText({ type: "cas", key: "k", expected: null, value: bytes("v") }, { ok: false, value: null }), "not swapped"],
    [resultText({ type: "get", key: "k" }, null), "rejected"],
    [contentOf({ type: "vote", ballot: ballotOf(3, 1), granted: true, entries: [{ term: 1 }], by: null } as { type: string }), "ballot=3.1 granted=true entries=[{term=1}] by=–"],
  ])("%s", (text, expected) => expect(text).toBe(expected));
});
