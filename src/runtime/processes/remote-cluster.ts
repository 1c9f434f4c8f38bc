import { UsageError } from "../../core/errors.ts";
import type { ReplicaId } from "../../core/ids.ts";
import { Endpoint, type Address, type EndpointListener } from "../../transport/tcp/endpoint.ts";
import type { Cluster, ClusterListener, Machines } from "../cluster.ts";
import { phase, type Phase } from "../phase.ts";
import type { RunSettings } from "../settings.ts";
import type { LinkCondition } from "../shaping.ts";
import { addressesOf, leaderNode, type ClusterConfig } from "./config.ts";
import { decodeReport, encodeOrder, type Order } from "./control.ts";
import { Silence, silenceLimit } from "./silence.ts";

/** ms in which nodes that run already let a run attach; the one before it may still be leaving. */
const patience = 10_000;

/** A run's nodes at the other end of connections, wherever they are and whoever started them. They outlive the run. */
export class RemoteCluster implements Cluster, EndpointListener {
  protected readonly listener: ClusterListener;
  protected phase: Phase = phase.load;
  readonly #settings: RunSettings;
  readonly #endpoint: Endpoint;
  /** By node: requests answered at its clients. */
  readonly #completed: number[];
  /** Of each node's links, by the replica at their end: a node that is restarted must be told. */
  readonly #conditions: readonly Map<ReplicaId, LinkCondition>[];
  /** Nodes that have said all they had to say. */
  readonly #finished = new Set<number>();
  /** By node that has not been reached: where it should be, and why not. */
  readonly #missed = new Map<number, string>();
  readonly #joining: NodeJS.Timeout;
  /** Null of nodes on this machine: their connections break with them. */
  readonly #silence: Silence | null;

  constructor(settings: RunSettings, config: ClusterConfig, listener: ClusterListener, joinLimit = patience) {
    const addresses = addressesOf(config);
    this.listener = listener;
    this.#settings = settings;
    this.#completed = addresses.map(() => 0);
    this.#conditions = addresses.map(() => new Map());
    const { fingerprint, replicas, secure } = config;
    this.#endpoint = new Endpoint({ self: leaderNode(config), addresses, replicas: replicas.length, fingerprint, secure }, this);
    this.#silence =
      settings.shared === null ? null
      : new Silence(silenceLimit, (node) => this.#order(node, { type: "alive" }), (node, reason) => this.#endpoint.abort(node, reason));
    this.#endpoint.dial(addresses.map((_, node) => node));
    this.#joining = setTimeout(() => this.#requireAll(config.name, joinLimit), joinLimit);
  }

  // --- Cluster ---

  get running(): number {
    return this.#completed.length - this.#finished.size;
  }

  get completed(): number {
    return this.#completed.reduce((sum, completed) => sum + completed, 0);
  }

  enter(entered: Phase): void {
    clearTimeout(this.#joining);
    this.phase = entered;
    for (const node of this.#completed.keys()) this.#order(node, { type: "enter", phase: entered });
  }

  impose(from: ReplicaId, links: readonly LinkCondition[]): void {
    for (const link of links) this.#conditions[from]!.set(link.to, link);
    this.#order(from, { type: "conditions", links });
  }

  tellSound(sound: boolean): void {
    for (let node = this.#settings.replicas; node < this.#completed.length; node++) this.#order(node, { type: "sound", sound });
  }

  get machines(): Machines | null {
    return null;
  }

  async terminate(): Promise<void> {
    clearTimeout(this.#joining);
    this.#silence?.stop();
    this.#endpoint.close();
  }

  // --- EndpointListener ---

  linked(node: number, up: boolean): void {
    if (!up) {
      this.#silence?.forget(node);
      return this.unlinked(node);
    }
    this.#missed.delete(node);
    this.#silence?.heard(node);
    if (this.#finished.has(node)) return;
    this.#order(node, { type: "attach", settings: this.#settings });
    const conditions = this.#conditions[node]!;
    if (conditions.size > 0) this.#order(node, { type: "conditions", links: [...conditions.values()] });
    if (this.phase > phase.load) this.#order(node, { type: "enter", phase: this.phase });
  }

  received(node: number, bytes: Uint8Array, start: number, end: number): void {
    const report = decodeReport(bytes.subarray(start, end));
    this.#silence?.heard(node);
    if (report.type === "alive") return;
    if (report.type === "progressed") {
      this.#completed[node] = report.completed;
      return;
    }
    if (report.type === "declined") return this.listener.failed(this.#nameOf(node), new UsageError(report.reason));
    if (report.type === "replica" || report.type === "clients") this.finished(node);
    this.listener.reported(node, report);
  }

  missed(node: number, { host, port }: Address, reason: string): void {
    this.#missed.set(node, `${this.#nameOf(node)} at ${host}:${port}: ${reason}`);
  }

  logged(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  // --- Inside. ---

  protected finished(node: number): void {
    this.#finished.add(node);
  }

  /** Nobody here can start it again: the run goes on without this replica, but not without clients. */
  protected unlinked(node: number): void {
    if (this.phase === phase.load || this.#finished.has(node)) return;
    const name = this.#nameOf(node);
    if (node >= this.#settings.replicas) return this.listener.failed(name, new Error("its connection broke"));
    this.logged(`${name}: its connection broke: the run goes on, and does not judge it`);
    this.#finished.add(node);
    this.listener.killed(node);
  }

  #requireAll(cluster: string, limit: number): void {
    if (this.#missed.size === 0) return;
    const list = [...this.#missed].sort(([a], [b]) => a - b).map(([, miss]) => miss).join("; ");
    this.listener.failed(`cluster ${cluster}`, new UsageError(`not reached within ${limit / 1000} s: ${list}`));
  }

  #nameOf(node: number): string {
    const { replicas } = this.#settings;
    return node < replicas ? `replica ${node}` : `load ${node - replicas}`;
  }

  #order(node: number, order: Order): void {
    const bytes = encodeOrder(order);
    this.#endpoint.frames(node).push(bytes, bytes.length);
    this.#endpoint.flush();
  }
}
