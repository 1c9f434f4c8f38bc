import { describe, expect, test } from "vitest";
import { spacetimePage, type Caption } from "../../../src/report/spacetime/page.ts";
import type { TracedRun, TraceEvent } from "../../../src/sim/trace.ts";

const caption: Caption = { title: "chatter", seed: 7, conditions: "3 replicas", finding: null, replay: "paxbench fuzz -p chatter --seed 7" };

/** A client's put by way of replica 0; replica 1 hears of it, and what goes to 2 is lost. */
const put: TraceEvent[] = [
  { at: 0, lane: 0, type: "started" },
  { at: 0, lane: 1, type: "started" },
  { at: 0, lane: 2, type: "started" },
  { at: 5, lane: 3, type: "called", request: "0.0", operation: "put k=<v>" },
  { at: 5, lane: 3, type: "sent", to: 0, due: 5, name: "request", content: "0.0 put k=<v>" },
  { at: 5, lane: 0, type: "delivered", message: 4 },
  { at: 5, lane: 0, type: "persisted", name: "accepted", content: "slot=1" },
  { at: 5, lane: 0, type: "sent", to: 1, due: 50_005, name: "accept", content: "slot=1" },
  { at: 5, lane: 0, type: "sent", to: 2, due: 50_005, name: "accept", content: "slot=1" },
  { at: 50_005, lane: 1, type: "delivered", message: 7 },
  { at: 50_005, lane: 1, type: "executed", request: "0.0", key: "k", readOnly: false },
  { at: 60_000, lane: 0, type: "sent", to: 3, due: 60_000, name: "reply", content: "0.0 ok" },
  { at: 60_000, lane: 3, type: "delivered", message: 11 },
  { at: 60_000, lane: 3, type: "returned", result: "ok" },
];
const runOf = (events: readonly TraceEvent[]): TracedRun => ({ replicas: 3, clients: 3, events });

const heartbeat = (at: number, place: number): TraceEvent[] => [
  { at, lane: 0, type: "timer", name: "heartbeat" },
  { at, lane: 0, type: "sent", to: 1, due: at + 50_000, name: "alive", content: "" },
  { at: at + 50_000, lane: 1, type: "delivered", message: place + 1 },
];

const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length;

describe("a space-time diagram", () => {
  const page = spacetimePage(runOf(put), caption);

  test("stands alone, and names protocol, seed and replay", () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/src=|href=|@import|<script/);
    for (const word of ["chatter, seed 7", caption.replay, "No judge complained"]) expect(page).toContain(word);
  });

  test("has a line for each replica and client, an arrow for what arrived, a cross for what did not", () => {
    for (const name of ["replica 0", "replica 2", ">c0<", ">c2<"]) expect(page).toContain(name);
    expect(count(page, /class="message t0"/g)).toBe(2);
    expect(count(page, /class="cross"/g)).toBe(1);
    expect(count(page, /class="message client"/g)).toBe(2);
  });

  test("tells operations and executions by what they do, escaped", () => {
    expect(page).toContain("0.0 put k=&#60;v&#62; #1");
    expect(page).not.toContain("<v>");
  });

  test("is the same for the same run", () => {
    expect(spacetimePage(runOf(structuredClone(put)), caption)).toBe(page);
  });

  test("says which judge complained of what, and marks where", () => {
    const detail = "key \"k\": replica 1 <wrong>\nsecond line";
    const broken: TraceEvent[] = [...put, { at: 60_000, lane: 1, type: "violated", check: "ledger", detail }];
    const text = spacetimePage(runOf(broken), { ...caption, finding: { kind: "ledger", detail } });
    expect(text).toContain("✗ ledger: key &#34;k&#34;: replica 1 &#60;wrong&#62;</p>");
    expect(count(text, /<g class="violation">/g)).toBe(1);
    expect(text).toContain("second line</pre>");
  });

  test("keeps messages of which nothing came out of the way, and idle time short", () => {
    const beats = Array.from({ length: 20 }, (_, i) => heartbeat(100_000 + i * 100_000, put.length + 3 * i)).flat();
    const late: TraceEvent = { at: 3_000_000, lane: 2, type: "crashed", lost: 2 };
    const text = spacetimePage(runOf([...put, ...beats, late]), caption);
    expect(count(text, /class="message quiet"/g)).toBe(20);
    expect(text).toContain("20 quiet messages: nothing came of them");
    expect(text).toContain("2.94 s later: 20 quiet messages in between");
    expect(text).not.toContain("timer heartbeat");
    expect(text).toContain("down, 2 records lost");
  });

  test("shows messages that something came of, whatever sent them", () => {
    const place = put.length;
    const events: TraceEvent[] = [...put, ...heartbeat(100_000, place), { at: 150_000, lane: 1, type: "persisted", name: "term", content: "" }];
    const text = spacetimePage(runOf(events), caption);
    expect(text).toContain("timer heartbeat");
    expect(text).toMatch(/alive \(1\)/);
  });

  test("has a band for as long as a fault lasts", () => {
    const events: TraceEvent[] = [
      ...put,
      { at: 100_000, lane: -1, type: "fault", fault: { type: "cut", from: 0, to: 2 } },
      { at: 120_000, lane: -1, type: "fault", fault: { type: "pause", replica: 1, for: 20_000 } },
      { at: 200_000, lane: -1, type: "fault", fault: { type: "heal" } },
    ];
    const text = spacetimePage(runOf(events), caption);
    expect(text).toContain("cut 0 → 2, 100 ms to 200 ms");
    expect(text).toContain("pause 1 for 20 ms, 120 ms to 140 ms");
    expect(count(text, /class="shade paused"/g)).toBe(1);
    expect(count(text, /class="shade "/g)).toBe(2);
  });

  test("of a long run shows the part that ends in the violation, and says so", () => {
    const many = Array.from({ length: 1000 }, (_, i): TraceEvent => ({ at: i * 1000, lane: 0, type: "noted", note: "fast", value: i }));
    const violated: TraceEvent = { at: 1_000_000, lane: 0, type: "violated", check: "invariants", detail: "too long" };
    const text = spacetimePage(runOf([...many, violated, ...many.map((event) => ({ ...event, at: event.at + 2_000_000 }))]), caption);
    expect(text).toContain("the part up to what the judge saw");
    expect(text).toContain("invariants: too long");
    expect(count(text, /class="note"/g)).toBeLessThan(700);
  });
});
