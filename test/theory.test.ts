/** Closed forms that the simulator must meet, one client a site: medians within 1 %. Where every command conflicts, 2 %. */
import { describe, expect, it } from "vitest";
import { createRandom, second } from "paxbench";
import epaxos from "../protocols/epaxos/index.ts";
import multipaxos from "../protocols/multipaxos/index.ts";
import omnipaxos from "../protocols/omnipaxos/index.ts";
import raft from "../protocols/raft/index.ts";
import { summarize } from "../src/measure/latency.ts";
import { askedFrom, clientTrip, fastPath, leaderDecides, slowPath, type Spread } from "../src/network/closed-forms.ts";
import { evenTopology, nearestMajority, type Topology } from "../src/network/topology.ts";
import { topologyFor } from "../src/experiment/topology.ts";
import { noCosts } from "../src/sim/costs.ts";
import { simulateProtocol, type AnyProtocol, type TestRun } from "paxbench/testing";

/** Round trips of 10 to 300 ms, each direction drawn for itself if `asymmetric`. `clients`: sites that have some, of more than replicas. */
const drawn = (sites: number, seed: number, asymmetric: boolean, clients?: readonly number[]): Topology => {
  const random = createRandom(seed, "topology");
  const rttMs = Array.from({ length: sites }, () => Array.from({ length: sites }, () => 10 + random.below(290_000) / 1000));
  const symmetric = rttMs.map((row, a) => row.map((_, b) => rttMs[Math.min(a, b)]![Math.max(a, b)]!));
  return { name: `drawn-${seed}`, sites: rttMs.map((_, site) => `S${site}`), rttMs: asymmetric ? rttMs : symmetric, ...(clients && { clients }) };
};

const theories: readonly (readonly [AnyProtocol, (spread: Spread, asked: number) => number])[] = [
  [multipaxos, leaderDecides],
  [raft, leaderDecides],
  [omnipaxos, leaderDecides],
  [epaxos, fastPath],
];

const everywhere = (topology: Topology, leader: number): Spread => ({ topology, replicas: topology.sites.length, leader, ask: "nearest" });

const epaxos5 = topologyFor("epaxos5-aws-2020", null).topology;

const spreads: readonly Spread[] = [
  everywhere(epaxos5, 0),
  everywhere(drawn(3, 1, false), 1),
  everywhere(drawn(3, 2, true), 0),
  everywhere(drawn(5, 3, false), 4),
  everywhere(drawn(5, 4, true), 2),
  everywhere(drawn(7, 5, false), 3),
  everywhere(drawn(7, 6, true), 6),
  // Clients at some of the replicas' sites, and at sites of their own.
  { topology: drawn(8, 7, false, [1, 7, 4, 5]), replicas: 5, leader: 3, ask: "nearest" },
  { topology: drawn(8, 8, true, [1, 7, 4, 5]), replicas: 5, leader: 3, ask: "leader" },
  { topology: drawn(6, 9, true, [3, 4, 5]), replicas: 3, leader: 0, ask: "nearest" },
];

describe.each(theories)("$name", (protocol, expected) => {
  it.each(spreads.map((spread) => [spread.topology.name, spread.replicas, spread.topology.sites.length, spread] as const))(
    "answers on %s, %i replicas, %i sites, as theory says",
    (_name, _replicas, _sites, spread) => {
      const { topology, replicas, leader, ask } = spread;
      const run = { topology, replicas, initialLeader: leader, ask, conflict: 0, clientsPerSite: 1, warmup: 2 * second, duration: 8 * second };
      const { recorder } = simulateProtocol(protocol, run);
      for (const site of topology.sites.keys()) {
        const { p50, count } = summarize(recorder.histogram("response", site));
        expect([site, count > 5]).toEqual([site, topology.clients?.includes(site) ?? true]);
        if (count === 0) continue;
        const theory = (clientTrip(spread, site) + expected(spread, askedFrom(spread, site))) / 1000;
        expect(p50, `site ${site}`).toBeGreaterThan((nearestMajority(topology, replicas, site) / 1000) * 0.99);
        expect([site, Math.abs(p50 / theory - 1) < 0.01, p50, theory]).toEqual([site, true, p50, theory]);
      }
    },
  );
});

it.each(theories)("$name alone answers from the start: there is nobody to wait for", (protocol) => {
  const { recorder } = simulateProtocol(protocol, { replicas: 1, warmup: 0, duration: second / 5 });
  expect(recorder.counts.completed).toBeGreaterThan(500);
});

const p50At = (protocol: AnyProtocol, kind: "commit" | "response", site: number, run: TestRun): number =>
  summarize(simulateProtocol(protocol, { warmup: 2 * second, duration: 8 * second, ...run }).recorder.histogram(kind, site)).p50;

describe("closed forms beyond those of a single round", () => {
  it.each([0, 2, 4])("fewer acceptors than a majority decide sooner: a leader at site %i", (leader) => {
    const spread = everywhere(epaxos5, leader);
    const run = { topology: epaxos5, replicas: 5, initialLeader: leader, conflict: 0, clientsPerSite: 1, options: { phase2Quorum: "2" } };
    expect(p50At(multipaxos, "response", 1, run) / (leaderDecides(spread, 1, 2) / 1000)).toBeCloseTo(1, 2);
  });

  it.each([[3, 0], [3, 2], [5, 0], [5, 4]])("%i sites where every command conflicts: a second round, if more than one answers; site %i", (sites, site) => {
    const topology = drawn(sites, 11, false);
    const run = { topology, replicas: sites, conflict: 1, clientsPerSite: 10, duration: 20 * second };
    const ratio = p50At(epaxos, "commit", site, run) / (slowPath(everywhere(topology, 0), site) / 1000);
    expect(Math.abs(ratio - 1), `${ratio}`).toBeLessThan(0.02);
  });
});

describe("a leader whose core is busy all the time decides one request in the time that its own messages and replies take", () => {
  const costs = { ...noCosts, inputs: 1, request: 26, receive: 25, send: 1 };
  const cases = ([multipaxos, raft, omnipaxos] as readonly AnyProtocol[]).flatMap((protocol) => [3, 5].map((replicas) => ({ protocol, replicas })));
  it.each(cases)("$protocol.name, $replicas replicas", ({ protocol, replicas }) => {
    const duration = second / 5;
    const { recorder } = simulateProtocol(protocol, {
      topology: evenTopology(replicas, 0.4), replicas, ask: "leader", clientsPerSite: 8, conflict: 0, warmup: second / 5, duration, shortestTurn: 1, costs,
    });
    // A proposal and a decision go to each of the others, an acknowledgement comes back.
    const oneRequest = costs.request + (replicas - 1) * (2 * costs.send + costs.receive);
    expect(Math.abs((recorder.counts.completed * oneRequest) / duration - 1)).toBeLessThan(0.01);
  });
});

describe("the figures that the wide-area check names, epaxos5-aws-2020, leader CA", () => {
  const named: readonly (readonly [AnyProtocol, readonly number[]])[] = [
    [epaxos, [59.9, 70.5, 127.3, 72.5, 111.7]],
    [multipaxos, [59.9, 119.8, 201.1, 81.0, 171.6]],
    [raft, [59.9, 119.8, 201.1, 81.0, 171.6]],
    [omnipaxos, [59.9, 119.8, 201.1, 81.0, 171.6]],
  ];
  it.each(named)("$name", (protocol, medians) => {
    const { recorder } = simulateProtocol(protocol, { topology: epaxos5, replicas: 5, conflict: 0, clientsPerSite: 1, warmup: 2 * second, duration: 10 * second });
    for (const [site, median] of medians.entries()) {
      const { p50 } = summarize(recorder.histogram("response", site));
      expect(Math.abs(p50 / median - 1), `site ${site}: ${p50} ms`).toBeLessThan(0.01);
    }
  });
});
