import { fork, type ChildProcess } from "node:child_process";
import type { ReplicaId } from "../../core/ids.ts";
import { Endpoint, type EndpointListener } from "../../transport/tcp/endpoint.ts";
import type { Cluster, ClusterListener, Machines } from "../cluster.ts";
import { phase, type Phase } from "../phase.ts";
import type { RunSettings } from "../settings.ts";
import type { LinkCondition } from "../shaping.ts";
import { addressesOf, leaderNode, type ClusterConfig } from "./config.ts";
import { decodeReport, encodeOrder, type Order } from "./control.ts";

/** How a node is started: `paxbench replica …` or `paxbench load …`. */
export interface Launch {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** Last lines of what a node wrote to stderr: told when it fails. */
const tailLines = 20;
/** ms in which a node must end when it is asked to. */
const patience = 2000;

/**
 * A run's nodes as processes of this machine, each with its own connections to the others. They end with this process:
 * the channel to their parent closes, whatever becomes of it.
 */
export class ProcessCluster implements Cluster, Machines, EndpointListener {
  readonly #settings: RunSettings;
  readonly #listener: ClusterListener;
  readonly #endpoint: Endpoint;
  readonly #launches: readonly Launch[];
  readonly #children: ChildProcess[];
  readonly #completed: number[];
  /** Of each node's links, by the replica at their end: a node that is restarted must be told. */
  readonly #conditions: readonly Map<ReplicaId, LinkCondition>[];
  /** Killed, and not yet restarted or, restarted, not yet heard of. */
  readonly #killed = new Set<number>();
  #phase: Phase = phase.load;
  #ending = false;

  constructor(settings: RunSettings, config: ClusterConfig, launches: readonly Launch[], listener: ClusterListener) {
    const addresses = addressesOf(config);
    this.#settings = settings;
    this.#listener = listener;
    this.#launches = launches;
    this.#completed = addresses.map(() => 0);
    this.#conditions = addresses.map(() => new Map());
    this.#endpoint = new Endpoint({ self: leaderNode(config), addresses, replicas: config.replicas.length, fingerprint: config.fingerprint }, this);
    this.#children = launches.map((launch, node) => this.#start(node, launch));
    this.#endpoint.dial(addresses.map((_, node) => node));
  }

  // --- Cluster ---

  get running(): number {
    return this.#children.filter((child) => !hasEnded(child)).length;
  }

  get completed(): number {
    return this.#completed.reduce((sum, completed) => sum + completed, 0);
  }

  enter(entered: Phase): void {
    this.#phase = entered;
    for (const node of this.#children.keys()) this.#order(node, { type: "enter", phase: entered });
  }

  impose(from: ReplicaId, links: readonly LinkCondition[]): void {
    for (const link of links) this.#conditions[from]!.set(link.to, link);
    this.#order(from, { type: "conditions", links });
  }

  async terminate(): Promise<void> {
    this.#ending = true;
    this.#endpoint.close();
    const ended = this.#children.filter((child) => !hasEnded(child)).map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of this.#children) {
      child.kill("SIGCONT"); // a node that is stopped would not hear that it should end
      if (child.connected) child.disconnect();
    }
    const timer = setTimeout(() => {
      for (const child of this.#children) if (!hasEnded(child)) child.kill("SIGKILL");
    }, patience);
    await Promise.all(ended);
    clearTimeout(timer);
  }

  // --- Machines ---

  kill(replica: ReplicaId): void {
    if (this.#killed.has(replica)) return;
    this.#killed.add(replica);
    this.#children[replica]!.kill("SIGKILL");
  }

  restart(replica: ReplicaId): void {
    if (!this.#killed.has(replica)) return;
    const start = (): void => {
      if (!this.#ending) this.#children[replica] = this.#start(replica, this.#launches[replica]!);
    };
    const child = this.#children[replica]!;
    if (hasEnded(child)) start();
    else child.once("exit", start);
  }

  pause(replica: ReplicaId): void {
    this.#children[replica]!.kill("SIGSTOP");
  }

  resume(replica: ReplicaId): void {
    this.#children[replica]!.kill("SIGCONT");
  }

  // --- EndpointListener ---

  linked(node: number, up: boolean): void {
    if (!up) {
      if (this.#killed.has(node)) this.#listener.killed(node);
      return;
    }
    if (this.#killed.delete(node)) this.#listener.restarted(node);
    this.#order(node, { type: "attach", settings: this.#settings });
    const conditions = this.#conditions[node]!;
    if (conditions.size > 0) this.#order(node, { type: "conditions", links: [...conditions.values()] });
    if (this.#phase > phase.load) this.#order(node, { type: "enter", phase: this.#phase });
  }

  received(node: number, bytes: Uint8Array, start: number, end: number): void {
    const report = decodeReport(bytes.subarray(start, end));
    if (report.type === "progressed") {
      this.#completed[node] = report.completed;
      return;
    }
    this.#listener.reported(node, report);
    if (report.type === "replica" || report.type === "clients") this.#children[node]!.disconnect();
  }

  logged(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  // --- Inside. ---

  #start(node: number, { name, file, args }: Launch): ChildProcess {
    const child = fork(file, args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let tail: string[] = [];
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      tail = [...tail, ...text.trimEnd().split("\n")].slice(-tailLines);
    });
    child.on("error", (error) => this.#listener.failed(name, error));
    const end = (code: number | null, signal: string | null): void => {
      const wanted = this.#ending || this.#killed.has(node) || (this.#phase === phase.stop && code === 0);
      if (!wanted) this.#listener.failed(name, ended(code, signal, tail));
      this.#listener.changed();
    };
    // Its last words come after it.
    child.on("exit", (code, signal) => (child.stderr!.closed ? end(code, signal) : child.stderr!.once("close", () => end(code, signal))));
    return child;
  }

  #order(node: number, order: Order): void {
    const bytes = encodeOrder(order);
    this.#endpoint.frames(node).push(bytes, bytes.length);
    this.#endpoint.flush();
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const ended = (code: number | null, signal: string | null, tail: readonly string[]): Error => {
  const how = signal === null ? `its process ended early, with exit code ${code}` : `its process was ended by ${signal}`;
  const error = new Error(`${how}${tail.length > 0 ? `: ${tail[0]}` : ""}`);
  if (tail.length > 0) error.stack = tail.join("\n");
  return error;
};
