/**
 * What the simulator takes: `node test/bench/simulator.ts [PROTOCOL...]`, by default each. CPU time of the process, so
 * that what else the machine does stays out; an event is whatever happens at one virtual moment: a message that is delivered,
 * decoded and handled, a request, a reply, a timer. Every judge is on. Medians of interleaved rounds.
 */
import { second, type Micros } from "../../src/core/ids.ts";
import type { Protocol } from "../../src/core/protocol.ts";
import { topologyFor } from "../../src/experiment/topology.ts";
import { listPlugins, loadProtocol, resolvePlugin } from "../../src/runtime/modules.ts";
import { EventQueue, type Actor } from "../../src/sim/event-queue.ts";
import { simulateProtocol } from "../../src/testing/simulation.ts";

const rounds = 3;

interface Taken {
  /** CPU, µs. */
  readonly cpu: number;
  readonly events: number;
  readonly messages: number;
  /** Requests that were answered. */
  readonly operations: number;
}

const { topology, replicas } = topologyFor("epaxos5-aws-2020", null);

const cpuOf = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

const run = (protocol: Protocol, clientsPerSite: number, duration: Micros): Taken => {
  let events = 0;
  let messages = 0;
  let operations = 0;
  const cpu = cpuOf(() => {
    const outcome = simulateProtocol(protocol, { topology, replicas, clientsPerSite, conflict: 0.02, warmup: 0, duration, batch: 64 });
    if (outcome.violations.length > 0) throw new Error(outcome.violations[0]!.detail);
    events = outcome.events;
    messages = outcome.recorder.counts.messages;
    operations = outcome.recorder.counts.completed;
  });
  return { cpu, events, messages, operations };
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const each = (taken: readonly Taken[], what: "events" | "operations" = "events"): number => median(taken.map((one) => one.cpu / one[what]));

const line = (name: string, taken: readonly Taken[]): void => {
  const { events, messages } = taken[0]!;
  const rate = (1 / each(taken)).toFixed(2);
  const ms = (median(taken.map(({ cpu }) => cpu)) / 1000).toFixed(0);
  const share = ((100 * messages) / events).toFixed(0);
  console.log(`${name.padEnd(44)} ${ms.padStart(6)} ms  ${rate.padStart(5)} M events/s  ${String(events).padStart(8)} events, ${share} % messages`);
};

/** The settings of each row in turn, round after round, so that a drift of the machine hits them all. */
const interleaved = <T>(rows: readonly T[], measure: (row: T) => Taken): Taken[][] => {
  const taken = rows.map((): Taken[] => []);
  for (let round = 0; round < rounds; round++) for (const [i, row] of rows.entries()) taken[i]!.push(measure(row));
  return taken;
};

const names = process.argv.length > 2 ? process.argv.slice(2) : listPlugins("protocol");
const protocols = await Promise.all(names.map((name) => loadProtocol(resolvePlugin("protocol", name, "."))));

console.log(`5 sites of ${topology.name}, 50 clients, 60 s`);
const each60 = interleaved(protocols, (protocol) => run(protocol, 10, 60 * second));
for (const [i, taken] of each60.entries()) line(protocols[i]!.name, taken);

const grows = (what: string, values: readonly number[], by: "events" | "operations", measure: (value: number) => Taken): void => {
  const taken = interleaved(values, measure);
  for (const [i, value] of values.entries()) line(`${what} ${value.toLocaleString("en-US")}`, taken[i]!);
  const ratios = taken.map((row) => (each(row, by) / each(taken[0]!, by)).toFixed(2));
  console.log(`  ${by.slice(0, -1)} for ${by.slice(0, -1)}, to the first: ${ratios.join(", ")}\n`);
};

for (const protocol of protocols) {
  console.log(`\n${protocol.name}: cost as the run grows`);
  grows("50 clients, seconds", [15, 60, 120], "events", (seconds) => run(protocol, 10, seconds * second));
  grows("clients", [50, 500, 5000], "operations", (clients) => run(protocol, clients / replicas, clients === 50 ? 10 * second : second));
}

/** The hold model: each event that happens schedules one, so that as many stay pending. */
const hold = (pending: number): Taken => {
  const queue = new EventQueue();
  const events = 2_000_000;
  let draw = 1;
  const later = (): Micros => (draw = (Math.imul(draw, 1_664_525) + 1_013_904_223) >>> 0) % 200_000;
  const actor: Actor = { handle: () => queue.push(queue.now + later(), actor, 0) };
  for (let i = 0; i < pending; i++) queue.push(later(), actor, 0);
  const cpu = cpuOf(() => {
    for (let i = 0; i < events; i++) queue.run();
  });
  return { cpu, events, messages: 0, operations: events };
};

console.log("the event queue alone");
grows("pending", [100, 10_000, 1_000_000], "events", hold);
