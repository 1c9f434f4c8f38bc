import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { UsageError } from "paxbench";
import { planOf, runsOf, type RunFlags } from "../../src/experiment/plan.ts";
import { replayOf } from "../../src/experiment/replay.ts";
import { FakeEtcd, serve } from "../external/etcd/fake-etcd.ts";
import { flagsOf } from "../support/flags.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-external-"));
let member: { endpoint: string; server: Server };
let old: { endpoint: string; server: Server };

/** A folder for the PATH with a program etcd that says what version it is. */
const installed = (version: string): string => {
  const path = join(folder, version);
  mkdirSync(path);
  writeFileSync(join(path, "etcd"), `#!/bin/sh\necho "etcd Version: ${version}"\n`);
  chmodSync(join(path, "etcd"), 0o755);
  return path;
};

beforeAll(async () => {
  member = await serve(new FakeEtcd());
  old = await serve(new FakeEtcd(), () => ({ status: 200, answer: { etcdserver: "3.3.25" } }));
  writeFileSync(join(folder, "cut.yaml"), "name: x\nsteps:\n  - { at: 10ms, cut: [0, 1] }\n");
  for (const version of ["3.4.30", "3.3.25"]) installed(version);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  for (const { server } of [member, old]) server.close();
  rmSync(folder, { recursive: true });
});

/** Of flags, and a folder that is the PATH. */
type Given = Partial<RunFlags> & { readonly path?: string };

const planFor = ({ path = "3.4.30", ...given }: Given) => {
  vi.stubEnv("PATH", join(folder, path));
  return planOf(flagsOf({ protocol: ["etcd"], transport: undefined, ...given }), folder);
};

describe("an external system in a plan", () => {
  it("is found on the PATH, runs over tcp, and is called external", async () => {
    const { protocols, transport, replicas } = await planFor({});
    expect([transport, replicas]).toEqual(["tcp", 3]);
    expect(protocols).toMatchObject([
      { name: "etcd", title: "etcd 3.4.30 (external, fsync)", external: { file: join(folder, "3.4.30/etcd"), endpoints: null, durability: "fsync" } },
    ]);
  });

  it("stands beside protocols, is none of all, and keeps nobody else from their default transport", async () => {
    expect((await planFor({ protocol: ["etcd,raft", "etcd"] })).protocols.map(({ name }) => name)).toEqual(["raft", "etcd"]);
    const all = await planFor({ protocol: ["all"] });
    expect([all.transport, all.protocols.some(({ external }) => external !== null)]).toEqual(["inproc", false]);
  });

  it("has as many replicas as there are endpoints; what those have on disk is not known", async () => {
    const endpoints = `${member.endpoint}/,${member.endpoint.replace("127.0.0.1", "localhost")}`;
    const plan = await planFor({ endpoints });
    expect([plan.replicas, plan.protocols[0]!.title, plan.protocols[0]!.external!.durability]).toEqual([2, "etcd 3.4.99 (external)", "unknown"]);
    expect(replayOf(plan, runsOf(plan)[0]!)).toMatch(`paxbench run --protocol etcd --endpoints ${endpoints} --seed 1 --leader 0 `);
  });

  const mistakes: readonly (readonly [string, Given, RegExp])[] = [
    ["that is not installed", { path: "nowhere" }, /^etcd is not installed, no program of that name is on the PATH; allowed: apt install etcd-server \(Debian\), or --endpoints/],
    ["that is too old", { path: "3.3.25" }, /3\.3\.25\/etcd: version 3\.3\.25 of etcd; allowed is 3\.4 or newer/],
    ["in the simulator", { transport: "sim" }, /^--transport sim: etcd is external .*; allowed with it is tcp$/],
    ["in threads", { transport: "inproc" }, /^--transport inproc: etcd is external/],
    ["at a distance", { topology: "epaxos5-aws-2020" }, /^--topology epaxos5-aws-2020: etcd is external, paxbench delays no messages of its members; allowed without it$/],
    ["that somebody else runs, under faults", { endpoints: "http://127.0.0.1:1", scenario: "leader-crash" }, /^--scenario leader-crash: the members at --endpoints are not paxbench's to harm/],
    ["whose links are to be cut", { scenario: join(folder, "cut.yaml") }, /^--scenario x: step 1, cut at 10ms: an external system cannot do that; it can crash, restart, pause, heal$/],
    ["at endpoints that are no URLs", { endpoints: "127.0.0.1:2379" }, /^--endpoints 127\.0\.0\.1:2379: allowed is http:\/\/HOST:PORT/],
    ["at endpoints with TLS", { endpoints: "https://localhost" }, /^--endpoints https:\/\/localhost: allowed is http:/],
    ["at one endpoint twice", { endpoints: "http://a:1,http://a:1/" }, /^--endpoints http:\/\/a:1: it is named twice$/],
    ["with another number of replicas than endpoints", { endpoints: "http://a:1", replicas: "3" }, /^--replicas 3: --endpoints names 1; allowed is 1$/],
    ["where nobody answers", { endpoints: "http://127.0.0.1:1" }, /^--endpoints http:\/\/127\.0\.0\.1:1: no etcd answers there \(.+\); allowed are members of a running cluster/],
    ["that is not named, but its endpoints are", { protocol: ["raft"], endpoints: "http://a:1" }, /^--endpoints http:\/\/a:1: no external system is named; allowed with -p etcd$/],
    ["with an option of nobody's", { set: ["heartbeat=5"] }, /^--set heartbeat: nothing here has this option; allowed: arrivals, ask, batch, conflict,/],
  ];
  it.each(mistakes)("%s: one line", async (_, given, message) => {
    const mistake: unknown = await planFor(given).catch((error: unknown) => error);
    expect(mistake).toBeInstanceOf(UsageError);
    expect((mistake as UsageError).message).toMatch(message);
    expect((mistake as UsageError).message).not.toContain("\n");
  });

  it("at an endpoint of an old version: one line", async () => {
    await expect(planFor({ endpoints: old.endpoint })).rejects.toThrow(/^--endpoints http.*: version 3\.3\.25 of etcd; allowed is 3\.4 or newer/);
  });
});
