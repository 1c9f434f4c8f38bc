/** `paxbench run --transport tcp` as users start it: what it leaves, and what it must not leave. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ResultFile } from "../../src/experiment/result.ts";
import { launcher, runNode } from "../support/command.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paxbench-tcp-")));
afterAll(() => rmSync(folder, { recursive: true }));

/** Processes that name this test's folder in their command line, as each node of its clusters does. */
const nodes = (): string[] =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return command.includes(folder) && command.includes("--cluster");
    } catch {
      return false; // it has ended meanwhile
    }
  });

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe.skipIf(process.platform !== "linux")("paxbench run --transport tcp", { timeout: 60_000 }, () => {
  it("runs every protocol in processes of their own, judges what clients saw, and leaves no process or folder behind", async () => {
    const words = "run -p all --transport tcp --workload mixed --duration 500ms --warmup 200ms --clients 2 --history --json --out clean";
    const { code, stdout, stderr } = await runNode([launcher, ...words.split(" ")], folder);
    expect([code, stderr]).toEqual([0, ""]);
    const { runs } = JSON.parse(stdout) as ResultFile;
    expect(runs).toHaveLength(4);
    for (const { completed, unknown, simulated, transport, checks, messages, sites } of runs) {
      expect(completed).toBeGreaterThan(0);
      expect([unknown, simulated, transport]).toEqual([0, false, "tcp"]);
      expect(checks).toMatchObject({ linearizable: true, ledger: true, converged: true, exactlyOnce: true, durable: true });
      expect(messages!.count).toBeGreaterThan(0);
      for (const { latencyMs } of sites) expect(latencyMs.response.count).toBeGreaterThan(0);
    }
    expect(nodes()).toEqual([]);
    expect(readdirSync(join(folder, "clean"))).not.toContain("cluster");
  });

  it.each(["tcp", "inproc"])("a scenario's faults befall it, what clients saw is judged, the course of throughput is kept: %s", async (transport) => {
    writeFileSync(join(folder, "pause.yaml"), "name: pause\nsteps:\n  - { at: 200ms, pause: { replica: leader, for: 300ms } }\n  - { at: 700ms, cut: [follower1, leader] }\n");
    const words = `run -p raft,epaxos --transport ${transport} --workload mixed --scenario pause.yaml --duration 1s --warmup 200ms --clients 2 --history --json --out paused-${transport}`;
    const { code, stdout, stderr } = await runNode([launcher, ...words.split(" ")], folder);
    expect([code, stderr]).toEqual([0, ""]);
    for (const { faults, timeline, checks, unknown } of (JSON.parse(stdout) as ResultFile).runs) {
      expect(faults!.injected).toEqual({ pause: 1, cut: 1 });
      // What is cut when the load ends is mended.
      expect(faults!.events.map(({ fault }) => fault.type)).toEqual(["pause", "cut", "heal"]);
      expect(timeline.completed).toHaveLength(10);
      expect(unknown).toBe(0);
      expect(checks).toMatchObject({ linearizable: true, ledger: true, converged: true, exactlyOnce: true, durable: true });
    }
    expect(nodes()).toEqual([]);
  });

  it("a leader is killed under load and comes back on its journal: linearizable, everything acknowledged is everywhere", async () => {
    writeFileSync(join(folder, "kill.yaml"), "name: kill\nsteps:\n  - { at: 300ms, crash: leader }\n  - { at: 600ms, restart: all }\n");
    const words = "run -p raft --transport tcp --durability fsync --workload mixed --scenario kill.yaml --duration 2s --warmup 200ms --clients 2 --set requestTimeout=300 --history --json --out killed";
    const { code, stdout, stderr } = await runNode([launcher, ...words.split(" ")], folder);
    expect([code, stderr]).toEqual([0, ""]);
    const { faults, checks, unknown, completed } = (JSON.parse(stdout) as ResultFile).runs[0]!;
    expect(faults!.injected).toEqual({ crash: 1, restart: 1 });
    expect(faults!.events.map(({ fault }) => fault)).toEqual([{ type: "crash", replica: 0 }, { type: "restart", replica: 0 }]);
    expect([unknown, completed > 0]).toEqual([0, true]);
    expect(checks).toMatchObject({ linearizable: true, ledger: true, converged: true, exactlyOnce: true, durable: true, leaders: true });
    expect(nodes()).toEqual([]);
    expect(readdirSync(join(folder, "killed"))).not.toContain("cluster");
  });

  it.each(["SIGINT", "SIGKILL"] as const)("its nodes end with it: %s", async (signal) => {
    const words = `run -p raft --transport tcp --duration 60s --clients 1 --out ${signal}`;
    const run = spawn(process.execPath, [launcher, ...words.split(" ")], { cwd: folder, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => run.once("exit", resolve));
    await until(() => nodes().length === 4);
    run.kill(signal);
    expect(await ended).toBe(signal === "SIGINT" ? 130 : null);
    await until(() => nodes().length === 0);
  });
});
