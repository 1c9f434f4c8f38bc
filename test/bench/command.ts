/**
 * What a command costs without a transport, and how that grows: replicas, all clients and the ledger in one thread, node
 * after node, a turn each; frames are handed on in memory. `npm run bench -- command [PROTOCOL…]`. CPU time is the thread's, so
 * that what else the machine does stays out as far as it can; medians of stretches of `stretch` commands. Messages and bytes
 * are those between replicas: what the growth is made of.
 */
import { Ledger } from "../../src/check/ledger.ts";
import { parseOptions } from "../../src/core/option.ts";
import { recorderOf } from "../../src/measure/recording.ts";
import { ClientsHost, inFrames } from "../../src/runtime/clients-host.ts";
import { ExecutionReader } from "../../src/runtime/executions.ts";
import { listPlugins, loadProtocol, loadWorkload, resolvePlugin } from "../../src/runtime/modules.ts";
import { phase, type Phase } from "../../src/runtime/phase.ts";
import type { Place, Resident } from "../../src/runtime/place.ts";
import { ReplicaHost } from "../../src/runtime/replica-host.ts";
import type { Report } from "../../src/runtime/reports.ts";
import type { RunSettings } from "../../src/runtime/settings.ts";
import { FrameQueue, FrameSplitter } from "../../src/transport/frames.ts";

const stretch = 10_000;
const stretches = 9;
/** Commands before it is measured: code is compiled by then. */
const warmUp = 40_000;

interface Point {
  readonly replicas: number;
  readonly valueBytes: number;
  readonly clients: number;
}

const usual: Point = { replicas: 3, valueBytes: 16, clients: 1020 };
const points: readonly Point[] = [
  ...[3, 5, 7, 9].map((replicas) => ({ ...usual, replicas })),
  ...[256, 4096, 16_384].map((valueBytes) => ({ ...usual, valueBytes })),
  ...[3, 30, 9999].map((clients) => ({ ...usual, clients })),
];

const clock = (): number => Math.floor(performance.now() * 1000);

class Desk implements Place {
  now = clock();
  resident!: Resident;
  completed = 0;
  readonly reports: Report[] = [];
  readonly #out: readonly FrameQueue[];
  readonly #in: readonly FrameSplitter[];
  #inbox: { readonly from: number; readonly chunk: Uint8Array }[] = [];
  readonly #ledger: ExecutionReader | null;

  constructor(nodes: number, ledger: ExecutionReader | null) {
    this.#out = Array.from({ length: nodes }, () => new FrameQueue());
    this.#in = Array.from({ length: nodes }, () => new FrameSplitter());
    this.#ledger = ledger;
  }

  reaches(): boolean {
    return true;
  }

  frames(to: number): FrameQueue {
    return this.#out[to]!;
  }

  report(report: Report): void {
    if (report.type === "executed") this.#ledger!.take(report.chunk);
    else this.reports.push(report);
  }

  progressed(completed: number): void {
    this.completed = completed;
  }

  turn(self: number, desks: readonly Desk[]): void {
    this.now = clock();
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { from, chunk } of inbox) this.#in[from]!.push(chunk, (bytes, start, end) => this.resident.receive(from, bytes, start, end));
    this.resident.timers.fire(this.now, (timer) => this.resident.timer(timer));
    this.resident.endTurn();
    for (const [to, frames] of this.#out.entries()) if (!frames.empty) desks[to]!.#inbox.push({ from: self, chunk: frames.takeAll() });
  }
}

const workload = await loadWorkload(resolvePlugin("workload", "conflict", "."));

interface Cost {
  /** µs, messages and bytes a command. */
  readonly cpu: number;
  readonly messages: number;
  readonly bytes: number;
}

const costOf = async (name: string, { replicas, valueBytes, clients }: Point): Promise<Cost> => {
  const protocol = await loadProtocol(resolvePlugin("protocol", name, "."));
  const settings: RunSettings = {
    protocol: name, orders: true, protocolOptions: parseOptions<object>(name, protocol.options, new Map()),
    workload: workload.name, workloadOptions: parseOptions<object>(workload.name, workload.options, new Map([["valueBytes", String(valueBytes)]])),
    replicas, loads: 1, initialLeader: 0, clientsPerSite: Math.ceil(clients / replicas), ask: "nearest", openLoop: null,
    seed: 1, warmup: 0, untilSteady: false, duration: 0, requestTimeout: 60_000_000, batch: 1024, topology: null, history: false,
    profile: null, shared: null, faults: null,
  };
  const ledger = new Ledger(replicas, { restarts: false });
  const desks = Array.from({ length: replicas + 1 }, (_, node) => new Desk(replicas + 1, node < replicas ? new ExecutionReader(ledger, node) : null));
  for (const [node, desk] of desks.entries()) {
    desk.resident = node < replicas
      ? new ReplicaHost(desk, node, settings, protocol, null)
      : new ClientsHost(desk, 0, settings, workload, inFrames(desk));
  }
  const load = desks[replicas]!;
  const serve = (commands: number): void => {
    for (const end = load.completed + commands; load.completed < end; ) for (const [node, desk] of desks.entries()) desk.turn(node, desks);
  };
  let entered: Phase = phase.load;
  const enter = (until: Phase): void => {
    while (entered < until) {
      entered = (entered + 1) as Phase;
      for (const desk of desks) desk.resident.enter(entered);
    }
  };
  enter(phase.warmUp);
  serve(warmUp);
  enter(phase.measure);
  const cpu: number[] = [];
  for (let i = 0; i < stretches; i++) {
    const [began, before] = [process.threadCpuUsage(), load.completed];
    serve(stretch);
    const { user, system } = process.threadCpuUsage(began);
    cpu.push((user + system) / (load.completed - before));
  }
  enter(phase.stop);
  if (protocol.orders !== false && ledger.violations.length > 0) throw new Error(`${name}: ${ledger.violations[0]!.detail}`);
  const sum = { completed: 0, messages: 0, bytes: 0 };
  for (const report of desks.flatMap(({ reports }) => reports)) {
    if (report.type !== "replica" && report.type !== "clients") continue;
    const { counts } = recorderOf(report.recording, replicas);
    sum.completed += counts.completed;
    sum.messages += counts.messages;
    sum.bytes += counts.bytes;
  }
  return { cpu: cpu.toSorted((a, b) => a - b)[Math.floor(stretches / 2)]!, messages: sum.messages / sum.completed, bytes: sum.bytes / sum.completed };
};

const named = process.argv.slice(2);
console.log("CPU µs, messages and bytes a command: replicas, clients and ledger together, without a transport");
for (const name of named.length > 0 ? named : ["floor", ...listPlugins("protocol")]) {
  console.log(`\n${name.padEnd(12)}replicas  value bytes  clients       µs  messages     bytes`);
  for (const point of points) {
    const { cpu, messages, bytes } = await costOf(name, point);
    const cells = [[point.replicas, 20], [point.valueBytes, 13], [point.clients, 9], [cpu.toFixed(2), 9], [messages.toPrecision(3), 10], [Math.round(bytes), 10]] as const;
    console.log(cells.map(([value, width]) => String(value).padStart(width)).join(""));
  }
}
