/** What work that takes time does to a run: a replica serves one turn after the other. */
import { second } from "paxbench";
import { simulateProtocol, type TestRun } from "paxbench/testing";
import { describe, expect, test } from "vitest";
import { summarize } from "../../src/measure/latency.ts";
import { evenTopology } from "../../src/network/topology.ts";
import { noCosts, type Costs } from "../../src/sim/costs.ts";
import { createScribe } from "./scribe.ts";
import { createSequencer } from "./sequencer.ts";

const costly = (costs: Partial<Costs>, more: TestRun = {}) => {
  const { violations, unknown, recorder, events } = simulateProtocol(createSequencer("none"), {
    topology: evenTopology(3, 0), replicas: 3, duration: second / 10, warmup: second / 10, shortestTurn: 1, batch: 1, conflict: 0,
    costs: { ...noCosts, ...costs }, ...more,
  });
  expect([violations, unknown]).toEqual([[], 0]);
  const { completed, messages } = recorder.counts;
  return { perSecond: completed / (more.duration ?? second / 10) * second, perRequest: messages / completed, response: summarize(recorder.total("response")), events };
};

describe("one replica alone", () => {
  const alone = { replicas: 1, topology: evenTopology(1, 0) };

  test("answers one client once a turn, and so does it many whose requests have no command in common", () => {
    const costs = { request: 100, execute: 50 };
    expect(costly(costs, { ...alone, clientsPerSite: 1 }).response).toMatchObject({ min: 0.15, max: 0.15 });
    const many = costly(costs, { ...alone, clientsPerSite: 10 });
    expect(many.perSecond).toBeCloseTo(second / 150, -2);
    expect(many.response.p50).toBeCloseTo(1.5, 1);
  });

  test.each([[1, 110], [20, 400]])("begins a turn once, however much there is to do: %i clients are answered in %i µs", (clientsPerSite, micros) => {
    // Of many, some are asking again while the others are being answered: it takes two turns.
    const { perSecond } = costly({ turn: 100, request: 10 }, { ...alone, clientsPerSite });
    expect(perSecond / (clientsPerSite * second / micros)).toBeCloseTo(1, 1);
  });

  test("sleeps when it has nothing to do, and that is no work", () => {
    expect(costly({ wake: 30, turn: 20 }, { ...alone, clientsPerSite: 1 }).response).toMatchObject({ min: 0.05, max: 0.05 });
  });
});

describe("requests that wait for a replica at work", () => {
  const costs = { receive: 200, send: 50, request: 20 };

  test("share a command, up to the batch: fewer messages, more throughput", () => {
    const [single, batched] = [1, 64].map((batch) => costly(costs, { batch, clientsPerSite: 20 }));
    expect(single!.perRequest).toBeGreaterThan(2);
    expect(batched!.perRequest).toBeLessThan(single!.perRequest / 4);
    expect(batched!.perSecond).toBeGreaterThan(3 * single!.perSecond);
  });
});

test("records of a turn share a sync, which begins when the turn is over", () => {
  const costs = { ...noCosts, record: 10, sync: 20 };
  const run = { replicas: 1, topology: evenTopology(1, 0), clientsPerSite: 1, duration: second / 10, warmup: 0, sync: 400, costs };
  const { recorder } = simulateProtocol(createScribe(3), run);
  expect(summarize(recorder.total("response"))).toMatchObject({ min: 0.45, max: 0.45 });
});

test("same seed, same run; and with faults the judges have nothing to object to", () => {
  const run: TestRun = {
    clientsPerSite: 4, duration: second / 2, jitter: 50, batch: 8,
    scenario: {
      name: "x", summary: "", steps: [
        { at: second / 10, fault: { type: "pause", replica: 0, for: second / 20 } },
        { at: second / 5, fault: { type: "slow", replica: 1, each: 300 } },
        { at: 0.3 * second, fault: { type: "heal" } },
      ],
    },
  };
  const costs = { wake: 70, turn: 100.3, receive: 31.1, send: 17.7, request: 22.2 };
  expect(costly(costs, run)).toEqual(costly(costs, run));
});
