/** Clusters as people set them up: a file, and a process for each node. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { ClusterFile } from "../../src/experiment/cluster-file.ts";
import { freePorts } from "../../src/runtime/processes/ports.ts";
import { launcher } from "./command.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await pause(20);
};

/** A cluster file for this machine, with ports of its own. */
export const clusterOf = async (replicas: number, loads: number, given: Partial<ClusterFile> = {}): Promise<ClusterFile> => {
  const addresses = (await freePorts(replicas + loads)).map((port) => `127.0.0.1:${port}`);
  return { name: "test", protocol: "raft", replicas: addresses.slice(0, replicas), loads: addresses.slice(replicas), ...given };
};

export const written = (folder: string, name: string, cluster: ClusterFile): string => {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(cluster, null, 2));
  return file;
};

/** A node's process. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #address: string;
  #log = "";

  constructor(command: "replica" | "load", id: number, file: string) {
    const cluster = JSON.parse(readFileSync(file, "utf8")) as ClusterFile;
    this.#address = (command === "replica" ? cluster.replicas : cluster.loads)[id]!;
    this.#child = spawn(process.execPath, [launcher, command, "--cluster", file, "--id", String(id)], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.#log += text));
  }

  /** What it wrote to stderr. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when it listens; rejects when it has ended instead. */
  async listening(): Promise<void> {
    const [host, port] = this.#address.split(":") as [string, string];
    await until(async () => {
      if (this.#child.exitCode !== null) throw new Error(this.log);
      return new Promise<boolean>((resolve) => {
        const socket = connect(Number(port), host, () => socket.end(() => resolve(true)));
        socket.on("error", () => resolve(false));
      });
    });
  }

  /** Bytes it has written to files and sockets. Linux. */
  get written(): number {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${this.#child.pid}/io`, "utf8"))![1]);
  }

  /** Resolves to its exit code; null: the signal ended it. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return ended;
  }
}
