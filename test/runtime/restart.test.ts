/** Processes that are killed under load and restarted on their journals. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCluster } from "../../src/experiment/cluster-file.ts";
import type { Step } from "../../src/faults/scenario.ts";
import { lead, type RunOutcome } from "../../src/runtime/lead.ts";
import { freePorts } from "../../src/runtime/processes/ports.ts";
import { processes } from "../../src/runtime/run.ts";
import type { Durability } from "../../src/runtime/settings.ts";
import { settingsWith } from "./fixtures/settings.ts";

const protocolFile = (name: string): string => fileURLToPath(new URL(`../../protocols/${name}/index.ts`, import.meta.url));
const second = 1_000_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paxbench-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const writeCluster = async (protocol: string, durability: Durability): Promise<string> => {
  const ports = (await freePorts(4)).map((port) => `127.0.0.1:${port}`);
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, JSON.stringify({ name: folder, protocol, replicas: ports.slice(0, 3), loads: ports.slice(3), durability }));
  return file;
};

const runWith = async (name: string, durability: Durability, steps: readonly Step[]): Promise<RunOutcome> => {
  const protocol = protocolFile(name);
  const file = await writeCluster(protocol, durability);
  const settings = settingsWith({ protocol, protocolOptions: {}, faults: { steps }, warmup: 0, duration: 8 * second, requestTimeout: second / 2 });
  return lead(processes(file, await readCluster(file)), settings);
};

/** Restarted after half a second: in time, on a slow machine too. */
const killed = (at: number, ...replicas: readonly number[]): Step[] =>
  replicas.flatMap((replica): Step[] => [
    { at, fault: { type: "crash", replica } },
    { at: at + second / 2, fault: { type: "restart", replica } },
  ]);

describe("killed under load and restarted: everything acknowledged is there, everybody catches up", () => {
  test.each<readonly [string, string, Durability, readonly Step[]]>([
    ["a follower, and again before it is back", "raft", "wal", [...killed(second / 2, 1), ...killed(second * 1.05, 1)]],
    ...["epaxos", "multipaxos", "omnipaxos", "raft"].map((name) =>
      ["the leader, then all at once", name, "fsync", [...killed(second / 2, 0), ...killed(3 * second, 0, 1, 2)]] as const),
  ])("%s, %s, %s", async (_, name, durability, steps) => {
    const { violations, undecided, unknown, gone, recorder, executedCommands } = await runWith(name, durability, steps);
    expect({ violations, unknown, gone }).toEqual({ violations: [], unknown: 0, gone: [] });
    expect(undecided).not.toContain("durable");
    expect(undecided).not.toContain("converged");
    expect(recorder.counts.completed).toBeGreaterThan(0);
    expect(new Set(executedCommands).size).toBe(1);
    expect(readFileSync(join(folder, "data", "replica-1", "journal")).length).toBeGreaterThan(48);
  });
});

const small = ["--mount", "--map-root-user", "sh", "-c", 'mount -t tmpfs -o size=128k none "$0" && exec "$@"'];
const canMount = spawnSync("unshare", [...small, tmpdir(), "true"]).status === 0;

test.skipIf(!canMount)("a replica whose disk is full stops and says so; the others go on, nothing acknowledged is lost", async () => {
  const file = await writeCluster(protocolFile("raft"), "fsync");
  const disk = join(folder, "data", "replica-1");
  mkdirSync(disk, { recursive: true });
  const script = fileURLToPath(new URL("./fixtures/full-disk.ts", import.meta.url));
  const { stdout, stderr } = spawnSync("unshare", [...small, disk, process.execPath, script, file], { encoding: "utf8" });
  const reason = `stopped: cannot write ${join(disk, "journal")}: ENOSPC: no space left on device, write`;
  expect(stderr).toBe(`replica 1: ${reason}: the run goes on, and does not judge it\n`);
  const { completed, undecided, ...outcome } = JSON.parse(stdout) as { completed: number; undecided: string[] };
  expect(outcome).toEqual({ violations: [], unknown: 0, gone: [1], lost: [{ replica: 1, reason }] });
  expect(undecided).not.toContain("durable");
  expect(completed).toBeGreaterThan(0);
});
