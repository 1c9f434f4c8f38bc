/** `paxbench run -p etcd` as users start it: against members that are made up, and against etcd itself where it is installed. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResultFile } from "../../src/experiment/result.ts";
import { FakeEtcd, serve, type Mood } from "../external/etcd/fake-etcd.ts";
import { launcher, runNode } from "../support/command.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paxbench-external-")));
const path = process.env["PATH"]!;
afterAll(() => rmSync(folder, { recursive: true }));

const hasEtcd = ((): boolean => {
  try {
    execFileSync("etcd", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

/** Processes that keep their data in this test's folder. */
const members = (): string[] =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`--data-dir\0${folder}`);
    } catch {
      return false; // it has ended meanwhile
    }
  });

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe("a running cluster", { timeout: 60_000 }, () => {
  it("gets the same load, is judged by what clients saw though answers get lost, and is left as it was", async () => {
    const etcd = new FakeEtcd();
    let asked = 0;
    const unreliable: Mood = (asking) => (asking === "/v3/kv/put" && ++asked % 20 === 2 ? "take and hang up" : "answer");
    const cluster = await Promise.all([serve(etcd, unreliable), serve(etcd, unreliable), serve(etcd)]);
    const words = "run -p etcd --workload mixed --clients 2 --warmup 100ms --duration 800ms --history --json --out running";
    const endpoints = cluster.map(({ endpoint }) => endpoint).join(",");
    const { code, stdout, stderr } = await runNode([launcher, ...words.split(" "), "--endpoints", endpoints], folder);
    for (const { server } of cluster) server.close().closeAllConnections();
    expect([code, stderr]).toEqual([0, ""]);
    const [run] = (JSON.parse(stdout) as ResultFile).runs;
    expect(run).toMatchObject({
      protocol: "etcd", title: "etcd 3.4.99 (external)", external: true, transport: "tcp", simulated: false, replicas: 3,
      messages: null, leaderChanges: null, paths: null, environment: { durability: "unknown" }, latencyMs: { commit: { count: 0 }, execute: { count: 0 } },
      checks: { linearizable: true, converged: true, ledger: "unknown", exactlyOnce: "unknown", durable: "unknown", invariants: "unknown" },
    });
    expect(run!.completed).toBeGreaterThan(0);
    expect(run!.unknown).toBeGreaterThan(0);
    for (const { latencyMs } of run!.sites) expect(latencyMs.response.count).toBeGreaterThan(0);
    expect(etcd.keys).toEqual([]);

    const given = readFileSync(join(folder, "running/history.jsonl"), "utf8").split("\n").filter((line) => line.includes('"info"'));
    expect(given.length).toBe(run!.unknown);
    expect((await runNode([launcher, "check", "running/history.jsonl"], folder)).code).toBe(0);
    expect(await runNode([launcher, "compare", "running", "running"], folder)).toMatchObject({ code: 0, stderr: "" });
  });
});

describe.skipIf(process.platform !== "linux")("a program that is taken for etcd", { timeout: 60_000 }, () => {
  beforeAll(() => {
    const program = fileURLToPath(new URL("../external/etcd/fake-program.ts", import.meta.url));
    writeFileSync(join(folder, "etcd"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(join(folder, "etcd"), 0o755);
    process.env["PATH"] = `${folder}${delimiter}${path}`;
  });
  afterAll(() => {
    process.env["PATH"] = path;
  });

  it("is started, stands in the table as external, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await runNode([launcher, ..."run -p etcd --replicas 1 --clients 1 --warmup 0s --duration 200ms --out own".split(" ")], folder);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^etcd 3\.4\.99 \(external, fsync\): seen by its clients alone$/m);
    expect(stdout).toMatch(/^etcd \(external\) +[\d,.]+ +[\d.]+ ms +[\d.]+ ms +– +– +– +[\d.]+ % +– +–$/m);
    expect(readFileSync(join(folder, "own/report.html"), "utf8")).toContain("etcd 3.4.99 (external, fsync)");
    expect([members(), readdirSync(join(folder, "own")).includes("cluster")]).toEqual([[], false]);
  });

  it.each(["SIGINT", "SIGKILL"] as const)("ends with the run: %s", async (signal) => {
    const words = `run -p etcd --replicas 1 --clients 1 --duration 60s --out ${join(folder, signal)}`;
    const run = spawn(process.execPath, [launcher, ...words.split(" ")], { cwd: folder, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => run.once("exit", resolve));
    await until(() => members().length === 1);
    run.kill(signal);
    expect(await ended).toBe(signal === "SIGINT" ? 130 : null);
    await until(() => members().length === 0);
  });
});

describe.skipIf(!hasEtcd)("etcd itself (skipped where it is not installed)", { timeout: 60_000 }, () => {
  it("runs beside a protocol, linearizable, all members alike in the end, and leaves nothing behind", async () => {
    const words = "run -p raft,etcd --transport tcp --workload mixed --clients 2 --warmup 200ms --duration 1s --history --json --out real";
    const { code, stdout, stderr } = await runNode([launcher, ...words.split(" ")], folder);
    expect([code, stderr]).toEqual([0, ""]);
    const { runs } = JSON.parse(stdout) as ResultFile;
    expect(runs.map(({ protocol, external }) => [protocol, external])).toEqual([["raft", false], ["etcd", true]]);
    expect(runs[1]!.completed).toBeGreaterThan(0);
    expect(runs[1]!.checks).toMatchObject({ linearizable: true, converged: true });
    expect(readdirSync(join(folder, "real/plots"))).toContain("throughput.svg");
    expect(members()).toEqual([]);
  });

  it("bears kill -9 of its leader and of all members, a restart, a pause: what clients saw is linearizable, and the members are alike in the end", async () => {
    const scenario = "name: x\nsteps:\n  - { at: 300ms, crash: leader }\n  - { at: 3s, restart: all }\n  - { at: 5s, crash: all }\n  - { at: 5500ms, restart: all }\n  - { at: 8s, pause: { replica: leader, for: 2s } }\n";
    writeFileSync(join(folder, "faults.yaml"), scenario);
    const words = "run -p etcd --workload mixed --set keys=20 --clients 2 --warmup 200ms --duration 11s --scenario faults.yaml --set requestTimeout=500 --history --json --out harmed";
    const { code, stdout, stderr } = await runNode([launcher, ...words.split(" ")], folder);
    expect([code, stderr]).toEqual([0, ""]);
    const [run] = (JSON.parse(stdout) as ResultFile).runs;
    expect(run!.checks).toMatchObject({ linearizable: true, converged: true });
    expect(run!.faults!.injected).toMatchObject({ crash: 2, restart: 2, pause: 1 });
    expect(run!.unknown).toBeGreaterThan(0);
    expect(members()).toEqual([]);
  });
});
