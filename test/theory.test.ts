/**
 * Closed forms that the simulator must meet, one client a site and no conflicts. With R(a, b) the round trip and Rₖ(a) the
 * one to the k-th nearest other replica: a leader L answers a client at c in R(c, L) + R of the majority from L; EPaxos in
 * the round trip that completes its fast quorum of F+⌊(F+1)/2⌋ (SOSP'13 §4.4). Medians within 1 %.
 */
import { describe, expect, it } from "vitest";
import { createRandom, majorityOf, second } from "paxbench";
import epaxos from "../protocols/epaxos/index.ts";
import multipaxos from "../protocols/multipaxos/index.ts";
import omnipaxos from "../protocols/omnipaxos/index.ts";
import raft from "../protocols/raft/index.ts";
import { summarize } from "../src/measure/latency.ts";
import { nearestFirst, roundTrip, type Topology } from "../src/network/topology.ts";
import { loadTopology } from "../src/experiment/topology.ts";
import { simulateProtocol, type AnyProtocol } from "paxbench/testing";

/** Round trips of 10 to 300 ms, each direction drawn for itself if `asymmetric`. */
const drawn = (sites: number, seed: number, asymmetric: boolean): Topology => {
  const random = createRandom(seed, "topology");
  const rttMs = Array.from({ length: sites }, () => Array.from({ length: sites }, () => 10 + random.below(290_000) / 1000));
  const symmetric = rttMs.map((row, a) => row.map((_, b) => rttMs[Math.min(a, b)]![Math.max(a, b)]!));
  return { name: `drawn-${seed}`, sites: rttMs.map((_, site) => `S${site}`), rttMs: asymmetric ? rttMs : symmetric };
};

const quorumTrip = (topology: Topology, from: number, quorum: number): number =>
  roundTrip(topology, from, nearestFirst(topology, topology.sites.length, from)[quorum - 1]!) / 1000;

const leaderBased = (topology: Topology, leader: number, site: number): number =>
  roundTrip(topology, site, leader) / 1000 + quorumTrip(topology, leader, majorityOf(topology.sites.length));

const leaderless = (topology: Topology, _leader: number, site: number): number => {
  const tolerated = (topology.sites.length - 1) / 2;
  return quorumTrip(topology, site, tolerated + Math.floor((tolerated + 1) / 2));
};

const theories: readonly (readonly [AnyProtocol, (topology: Topology, leader: number, site: number) => number])[] = [
  [multipaxos, leaderBased],
  [raft, leaderBased],
  [omnipaxos, leaderBased],
  [epaxos, leaderless],
];

const topologies: readonly (readonly [Topology, number])[] = [
  [loadTopology("epaxos5-aws-2020"), 0],
  [drawn(3, 1, false), 1],
  [drawn(3, 2, true), 0],
  [drawn(5, 3, false), 4],
  [drawn(5, 4, true), 2],
  [drawn(7, 5, false), 3],
  [drawn(7, 6, true), 6],
];

describe.each(theories)("$name", (protocol, expected) => {
  it.each(topologies.map(([topology, leader]) => [topology.name, topology.sites.length, topology, leader] as const))(
    "answers on %s, %i sites, as theory says",
    (_, sites, topology, leader) => {
      const run = { topology, replicas: sites, initialLeader: leader, conflict: 0, clientsPerSite: 1, warmup: 2 * second, duration: 8 * second };
      const { recorder } = simulateProtocol(protocol, run);
      for (let site = 0; site < sites; site++) {
        const { p50, count } = summarize(recorder.histogram("response", site));
        const theory = expected(topology, leader, site);
        expect(count).toBeGreaterThan(5);
        expect([site, Math.abs(p50 / theory - 1) < 0.01, p50, theory]).toEqual([site, true, p50, theory]);
      }
    },
  );
});

describe("the figures that the wide-area check names, epaxos5-aws-2020, leader CA", () => {
  const named: readonly (readonly [AnyProtocol, readonly number[]])[] = [
    [epaxos, [59.9, 70.5, 127.3, 72.5, 111.7]],
    [multipaxos, [59.9, 119.8, 201.1, 81.0, 171.6]],
    [raft, [59.9, 119.8, 201.1, 81.0, 171.6]],
    [omnipaxos, [59.9, 119.8, 201.1, 81.0, 171.6]],
  ];
  it.each(named)("$name", (protocol, medians) => {
    const topology = loadTopology("epaxos5-aws-2020");
    const { recorder } = simulateProtocol(protocol, { topology, replicas: 5, conflict: 0, clientsPerSite: 1, warmup: 2 * second, duration: 10 * second });
    for (const [site, median] of medians.entries()) {
      const { p50 } = summarize(recorder.histogram("response", site));
      expect(Math.abs(p50 / median - 1), `site ${site}: ${p50} ms`).toBeLessThan(0.01);
    }
  });
});
