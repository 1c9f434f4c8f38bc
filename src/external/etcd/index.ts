/** etcd (https://etcd.io), version 3.4 or newer, by its JSON gateway. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import type { CheckName } from "../../check/violation.ts";
import { lead } from "../../runtime/lead.ts";
import type { ExternalSystem, ExternalUse } from "../external.ts";
import { EtcdCluster } from "./cluster.ts";

/** From outside these are not to be seen. */
const unseen: readonly CheckName[] = ["ledger", "exactlyOnce", "durable", "agreement", "leaders", "invariants"];

export const etcd: ExternalSystem = {
  name: "etcd",
  summary: "etcd, by its JSON gateway: members started here, or those of --endpoints",
  find: async (endpoints) => (endpoints === null ? installed() : runningAt(endpoints)),

  async run(use, settings, scratch, hooks, signal) {
    const outcome = await lead((given, listener) => new EtcdCluster(given, use, scratch, listener), settings, hooks, signal);
    return { ...outcome, undecided: [...unseen, ...outcome.undecided] };
  },
};

const installed = (): ExternalUse => {
  const file = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "etcd")).find(isProgram);
  if (file === undefined) {
    throw new UsageError(
      "etcd is not installed, no program of that name is on the PATH; allowed: apt install etcd-server (Debian), or --endpoints http://HOST:2379 of a running cluster",
    );
  }
  return { version: supported(file, versionOf(file)), endpoints: null, file, durability: "fsync" };
};

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
};

const versionOf = (file: string): string => {
  try {
    const told = execFileSync(file, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 10_000 });
    return /^etcd Version: (\S+)$/m.exec(told)?.[1] ?? "unknown";
  } catch (error) {
    throw new UsageError(`${file} --version fails: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
  }
};

/** ms. */
const patience = 5000;

const runningAt = async (endpoints: readonly string[]): Promise<ExternalUse> => {
  const versions = await Promise.all(endpoints.map(versionAt));
  return { version: [...new Set(versions)].join(", "), endpoints, file: null, durability: "unknown" };
};

const versionAt = async (endpoint: string): Promise<string> => {
  const where = `--endpoints ${endpoint}`;
  try {
    const response = await fetch(new URL("/version", endpoint), { signal: AbortSignal.timeout(patience) });
    const { etcdserver } = (await response.json()) as { readonly etcdserver?: string };
    return supported(where, etcdserver ?? "unknown");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? ((error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.message) : String(error);
    throw new UsageError(`${where}: no etcd answers there (${reason}); allowed are members of a running cluster, http://HOST:PORT`);
  }
};

const supported = (where: string, version: string): string => {
  const [major, minor] = version.split(".").map(Number) as [number, number];
  if (major === 3 && minor >= 4) return version;
  throw new UsageError(`${where}: version ${version} of etcd; allowed is 3.4 or newer, as its JSON gateway has it`);
};
