/** The prototype does what docs/questions.md says of it: the closed form's latencies, and one order. */
import { second } from "paxbench";
import { simulateProtocol } from "paxbench/testing";
import { expect, test } from "vitest";
import { topologyFor } from "../../src/experiment/topology.ts";
import { summarize } from "../../src/measure/latency.ts";
import fastPath from "./fast-path.ts";

const { topology } = topologyFor("epaxos5-aws-2020", null);
const run = { topology, replicas: 5, initialLeader: 0, warmup: 2 * second, duration: 5 * second };

test("each site answers in a round trip to four of five, the leader among them, or by the leader's order", () => {
  const { recorder, violations } = simulateProtocol(fastPath, { ...run, clientsPerSite: 1, conflict: 0 });
  const medians = topology.sites.map((_, site) => summarize(recorder.histogram("response", site)).p50);
  const closedForm = [59.9, 72.5, 141.1, 81.0, 152.4];
  expect(violations).toEqual([]);
  for (const [site, median] of medians.entries()) expect(Math.abs(median / closedForm[site]! - 1), `site ${site}: ${median} ms`).toBeLessThan(0.01);
});

test.each([0.3, 1])("with a share of %f interfering, all replicas execute in one order", (conflict) => {
  const { recorder, violations, unknown } = simulateProtocol(fastPath, { ...run, clientsPerSite: 4, conflict, jitter: 20_000 });
  expect([violations, unknown]).toEqual([[], 0]);
  expect(recorder.counts.slow).toBeGreaterThan(0);
  expect(recorder.counts.fast > 0).toBe(conflict < 1);
});
