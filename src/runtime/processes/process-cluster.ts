import { fork, type ChildProcess } from "node:child_process";
import type { ReplicaId } from "../../core/ids.ts";
import type { ClusterListener, Machines } from "../cluster.ts";
import { phase } from "../phase.ts";
import type { RunSettings } from "../settings.ts";
import { failedIo, type ClusterConfig } from "./config.ts";
import { RemoteCluster } from "./remote-cluster.ts";

/** How a node is started: `paxbench replica …` or `paxbench load …`. */
export interface Launch {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** Last lines of what a node wrote to stderr: told when it fails. */
const tailLines = 20;
/** ms from the start of a node's process to its connection. */
const startLimit = 30_000;
/** ms in which a node must end when it is asked to. */
const patience = 2000;

/**
 * A run's nodes as processes of this machine, each with its own connections to the others. They end with this process:
 * the channel to their parent closes, whatever becomes of it.
 */
export class ProcessCluster extends RemoteCluster implements Machines {
  readonly #launches: readonly Launch[];
  readonly #replicas: number;
  readonly #children: ChildProcess[];
  /** Killed or stopped by itself, and not yet restarted or, restarted, not yet heard of. */
  readonly #killed = new Set<number>();
  readonly #linked = new Set<number>();
  #ending = false;

  constructor(settings: RunSettings, config: ClusterConfig, launches: readonly Launch[], listener: ClusterListener) {
    super(settings, config, listener, startLimit);
    this.#launches = launches;
    this.#replicas = config.replicas.length;
    this.#children = launches.map((launch, node) => this.#start(node, launch));
  }

  override get running(): number {
    return this.#children.filter((child) => !hasEnded(child)).length;
  }

  override async terminate(): Promise<void> {
    this.#ending = true;
    await super.terminate();
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

  override get machines(): Machines {
    return this;
  }

  /** One that was restarted and is not back yet, too. */
  kill(replica: ReplicaId): void {
    this.#killed.add(replica);
    this.#children[replica]!.kill("SIGKILL");
  }

  restart(replica: ReplicaId): void {
    this.#onceKilled(replica, () => {
      if (!this.#ending && hasEnded(this.#children[replica]!)) this.#children[replica] = this.#start(replica, this.#launches[replica]!);
    });
  }

  pause(replica: ReplicaId): void {
    this.#children[replica]!.kill("SIGSTOP");
  }

  resume(replica: ReplicaId): void {
    this.#children[replica]!.kill("SIGCONT");
  }

  // --- EndpointListener ---

  override linked(node: number, up: boolean): void {
    if (up) this.#linked.add(node);
    else this.#linked.delete(node);
    if (up && this.#killed.delete(node)) this.listener.restarted(node);
    super.linked(node, up);
  }

  // --- Inside. ---

  #onceKilled(replica: ReplicaId, then: () => void): void {
    const child = this.#children[replica]!;
    if (hasEnded(child)) then();
    else child.once("exit", then);
  }

  protected override finished(node: number): void {
    this.#children[node]!.disconnect();
  }

  protected override unlinked(node: number): void {
    if (this.#killed.has(node)) this.listener.killed(node);
  }

  /** It has no disk any more: as if it had been killed. What it reported before has arrived once its connection is closed. */
  #lose(replica: ReplicaId, lastWords: string): void {
    const reason = lastWords.replace("paxbench: ", "");
    this.logged(`replica ${replica}: ${reason}: the run goes on, and does not judge it`);
    this.#killed.add(replica);
    this.listener.lost(replica, reason);
    if (!this.#linked.has(replica)) this.listener.killed(replica);
  }

  #start(node: number, { name, file, args }: Launch): ChildProcess {
    const child = fork(file, args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let tail: string[] = [];
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      tail = [...tail, ...text.trimEnd().split("\n")].slice(-tailLines);
    });
    child.on("error", (error) => this.listener.failed(name, error));
    const end = (code: number | null, signal: string | null): void => {
      const wanted = this.#ending || this.#killed.has(node) || (this.phase === phase.stop && code === 0);
      if (code === failedIo && !wanted && node < this.#replicas && this.phase > phase.start) this.#lose(node, tail[0] ?? name);
      else if (!wanted) this.listener.failed(name, ended(code, signal, tail));
      this.listener.changed();
    };
    // Its last words come after it.
    child.on("exit", (code, signal) => (child.stderr!.closed ? end(code, signal) : child.stderr!.once("close", () => end(code, signal))));
    return child;
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const ended = (code: number | null, signal: string | null, tail: readonly string[]): Error => {
  const how = signal === null ? `its process ended early, with exit code ${code}` : `its process was ended by ${signal}`;
  const error = new Error(`${how}${tail.length > 0 ? `: ${tail[0]}` : ""}`);
  if (tail.length > 0) error.stack = tail.join("\n");
  return error;
};
