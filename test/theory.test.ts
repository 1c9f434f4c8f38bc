/**
 * Closed forms that the simulator must meet, one client a site and no conflicts. With R(a, b) the round trip and Rₖ(a) the
 * one to the k-th nearest other replica: a client at c asks replica r, the nearest or the leader, and is answered R(c, r)
 * after that has a decision: a leader L for r in R(r, L) + R of the majority from L; EPaxos in the round trip from r that
 * completes its fast quorum of F+⌊(F+1)/2⌋ (SOSP'13 §4.4). Medians within 1 %.
 */
import { describe, expect, it } from "vitest";
import { createRandom, majorityOf, second } from "paxbench";
import epaxos from "../protocols/epaxos/index.ts";
import multipaxos from "../protocols/multipaxos/index.ts";
import omnipaxos from "../protocols/omnipaxos/index.ts";
import raft from "../protocols/raft/index.ts";
import { summarize } from "../src/measure/latency.ts";
import { nearestFirst, nearestMajority, roundTrip, type Topology } from "../src/network/topology.ts";
import { topologyFor } from "../src/experiment/topology.ts";
import { simulateProtocol, type AnyProtocol } from "paxbench/testing";

/** Round trips of 10 to 300 ms, each direction drawn for itself if `asymmetric`. `clients`: sites that have some, of more than replicas. */
const drawn = (sites: number, seed: number, asymmetric: boolean, clients?: readonly number[]): Topology => {
  const random = createRandom(seed, "topology");
  const rttMs = Array.from({ length: sites }, () => Array.from({ length: sites }, () => 10 + random.below(290_000) / 1000));
  const symmetric = rttMs.map((row, a) => row.map((_, b) => rttMs[Math.min(a, b)]![Math.max(a, b)]!));
  return { name: `drawn-${seed}`, sites: rttMs.map((_, site) => `S${site}`), rttMs: asymmetric ? rttMs : symmetric, ...(clients && { clients }) };
};

interface Setting {
  readonly topology: Topology;
  readonly replicas: number;
  readonly leader: number;
  readonly ask: "nearest" | "leader";
}

const quorumTrip = ({ topology, replicas }: Setting, from: number, quorum: number): number =>
  roundTrip(topology, from, nearestFirst(topology, replicas, from)[quorum - 1]!);

const leaderBased = (setting: Setting, asked: number): number =>
  roundTrip(setting.topology, asked, setting.leader) + quorumTrip(setting, setting.leader, majorityOf(setting.replicas));

const leaderless = (setting: Setting, asked: number): number => {
  const tolerated = (setting.replicas - 1) / 2;
  return quorumTrip(setting, asked, tolerated + Math.floor((tolerated + 1) / 2));
};

const theories: readonly (readonly [AnyProtocol, (setting: Setting, asked: number) => number])[] = [
  [multipaxos, leaderBased],
  [raft, leaderBased],
  [omnipaxos, leaderBased],
  [epaxos, leaderless],
];

const everywhere = (topology: Topology, leader: number): Setting => ({ topology, replicas: topology.sites.length, leader, ask: "nearest" });

const epaxos5 = topologyFor("epaxos5-aws-2020", null).topology;

const settings: readonly Setting[] = [
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
  it.each(settings.map((setting) => [setting.topology.name, setting.replicas, setting.topology.sites.length, setting] as const))(
    "answers on %s, %i replicas, %i sites, as theory says",
    (_name, _replicas, _sites, setting) => {
      const { topology, replicas, leader, ask } = setting;
      const run = { topology, replicas, initialLeader: leader, ask, conflict: 0, clientsPerSite: 1, warmup: 2 * second, duration: 8 * second };
      const { recorder } = simulateProtocol(protocol, run);
      for (const site of topology.sites.keys()) {
        const { p50, count } = summarize(recorder.histogram("response", site));
        expect([site, count > 5]).toEqual([site, topology.clients?.includes(site) ?? true]);
        if (count === 0) continue;
        const asked = ask === "leader" ? leader : nearestFirst(topology, replicas, site)[0]!;
        const theory = (roundTrip(topology, site, asked) + expected(setting, asked)) / 1000;
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
