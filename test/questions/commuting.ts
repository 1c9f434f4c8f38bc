/**
 * What commuting commands could buy in a protocol with a log (docs/questions.md, third question): prints its two tables and
 * draws its figure: `node test/questions/commuting.ts`. Simulated.
 *
 * In the log: what a command waits for others that were sent before it, as what it takes when many are under way less what it
 * takes when few are. All that execution, or delivery, out of order could save is in this. Around the leader: the closed form
 * of a fast path beside what was measured, and a prototype of it (fast-path.ts).
 */
import { millisecond, second, majorityOf } from "paxbench";
import { simulateProtocol, type AnyProtocol, type TestRun } from "paxbench/testing";
import epaxos from "../../protocols/epaxos/index.ts";
import multipaxos from "../../protocols/multipaxos/index.ts";
import omnipaxos from "../../protocols/omnipaxos/index.ts";
import { topologyFor } from "../../src/experiment/topology.ts";
import { summarize } from "../../src/measure/latency.ts";
import type { Recorder } from "../../src/measure/recorder.ts";
import { nearestFirst, roundTrip } from "../../src/network/topology.ts";
import fastPath from "./fast-path.ts";
import { drawTo } from "./figure.ts";

const { topology } = topologyFor("epaxos5-aws-2020", null);
const { sites } = topology;
const replicas = sites.length;
const leader = sites.indexOf("CA");
const common = { topology, replicas, initialLeader: leader, clientsPerSite: 10, seed: 1, warmup: 2 * second, duration: 20 * second, batch: 64 };

const measured = (protocol: AnyProtocol, run: TestRun): Recorder => {
  const { recorder, violations } = simulateProtocol(protocol, { ...common, ...run });
  if (violations.length > 0) throw new Error(`${protocol.name}: ${violations[0]!.detail}`);
  return recorder;
};

const ofAll = (fault: "loss" | "reorder", share: number): TestRun => ({
  scenario: { name: fault, summary: "", steps: [{ at: 0, fault: { type: fault, from: "all", to: "all", share } }] },
});

const row = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(" | ")} |`);
const ms = (value: number): string => (value < 0.05 ? value.toFixed(2) : value.toFixed(value < 10 ? 1 : 0));

// --- In the log. ---

const conditions: readonly (readonly [string, TestRun])[] = [
  ["links that keep order and time", {}],
  ["each message up to 50 ms late, in order", { jitter: 50 * millisecond }],
  ["one in ten overtaken", ofAll("reorder", 0.1)],
  ["one in a hundred lost", ofAll("loss", 0.01)],
];

row(["links", "protocol", "mean, 1 client a site", "10 clients", "behind others", "p99, 1 client", "10 clients"]);
row(Array.from({ length: 7 }, () => "---"));
for (const [name, run] of conditions) {
  for (const protocol of [omnipaxos, multipaxos, epaxos]) {
    if (name.endsWith("lost") && protocol.excludes?.includes("loss") === true) continue;
    const [few, many] = [1, 10].map((clientsPerSite) => summarize(measured(protocol, { ...run, clientsPerSite, conflict: 0 }).total("response")));
    row([name, protocol.title, ms(few!.mean), ms(many!.mean), ms(many!.mean - few!.mean), ms(few!.p99), ms(many!.p99)]);
  }
}

// --- Around the leader. ---

/** To the one that completes a quorum of so many, the site's own replica among them; ms. */
const quorumTrip = (from: number, quorum: number): number => roundTrip(topology, from, nearestFirst(topology, replicas, from)[quorum - 1]!) / millisecond;
const toLeader = (site: number): number => roundTrip(topology, site, leader) / millisecond;
/** Fast Paxos: two of these and any majority meet. */
const fastQuorum = Math.ceil((3 * replicas) / 4);

const median = (recorder: Recorder, site: number): number => summarize(recorder.histogram("response", site)).p50;
const alone = { clientsPerSite: 1, conflict: 0 };
const [omni, prototype, egalitarian] = [omnipaxos, fastPath, epaxos].map((protocol) => measured(protocol, { ...alone })) as [Recorder, Recorder, Recorder];

const bounds = sites.map((site, at) => {
  const ordered = toLeader(at) + quorumTrip(leader, majorityOf(replicas));
  // The leader must be among those who answer: it alone knows that what it has ordered before commutes.
  const fast = Math.max(toLeader(at), quorumTrip(at, fastQuorum));
  return { site, ordered, fast: Math.min(fast, ordered), omni: median(omni, at), prototype: median(prototype, at), epaxos: median(egalitarian, at) };
});

console.log();
row(["ms", ...sites, "mean"]);
row(Array.from({ length: replicas + 2 }, () => "---"));
const line = (name: string, of: (bound: (typeof bounds)[number]) => number): void =>
  row([name, ...bounds.map((bound) => ms(of(bound))), ms(bounds.reduce((sum, bound) => sum + of(bound), 0) / replicas)]);
line("Omni-Paxos, measured", (bound) => bound.omni);
line("its closed form: to the leader, and on to its majority", (bound) => bound.ordered);
line(`fast path, closed form: ${fastQuorum} of ${replicas}, the leader among them`, (bound) => bound.fast);
line("the prototype of it, measured", (bound) => bound.prototype);
line("EPaxos, measured", (bound) => bound.epaxos);

const kinds = [
  { name: "Omni-Paxos, measured", colour: "#009E73", shape: "triangle-up", of: (bound: (typeof bounds)[number]) => bound.omni },
  { name: "log with a fast path (prototype), measured", colour: "#332288", shape: "diamond", of: (bound: (typeof bounds)[number]) => bound.prototype },
  { name: "EPaxos, measured", colour: "#0072B2", shape: "circle", of: (bound: (typeof bounds)[number]) => bound.epaxos },
];
await drawTo(
  "question-fast-path",
  "What a fast path could save Omni-Paxos — simulated (virtual time)",
  [`${topology.name}, leader ${sites[leader]}, 1 client a site, no conflicts; median response latency by the client's site`, `fast path: a round trip to ${fastQuorum} of ${replicas}, the leader among them, where that is shorter than the way by the leader`],
  {
    width: 560,
    height: { step: 17 },
    data: { values: bounds.flatMap((bound) => kinds.map(({ name, of }) => ({ site: bound.site, kind: name, latency: of(bound) }))) },
    mark: { type: "point", filled: true, size: 110, opacity: 1 },
    encoding: {
      x: { field: "latency", type: "quantitative", title: "median response latency, ms of virtual time", scale: { zero: true } },
      y: { field: "site", type: "nominal", sort: [...sites], title: null, scale: { paddingInner: 0.4 } },
      yOffset: { field: "kind", type: "nominal", sort: kinds.map(({ name }) => name) },
      color: { field: "kind", type: "nominal", scale: { domain: kinds.map(({ name }) => name), range: kinds.map(({ colour }) => colour) }, legend: { orient: "top", direction: "vertical" } },
      shape: { field: "kind", type: "nominal", scale: { domain: kinds.map(({ name }) => name), range: kinds.map(({ shape }) => shape) } },
    },
  },
);
