/** Links with delays and conditions, in threads and over TCP: what is logically certain, however slow the machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseOptions } from "../../src/core/option.ts";
import { evenTopology } from "paxbench/testing";
import { readCluster, type ClusterFile } from "../../src/experiment/cluster-file.ts";
import { sound, type Condition } from "../../src/network/condition.ts";
import type { Cluster } from "../../src/runtime/cluster.ts";
import { lead, type ClusterFactory, type RunOutcome } from "../../src/runtime/lead.ts";
import { freePorts } from "../../src/runtime/processes/ports.ts";
import { processes, threads } from "../../src/runtime/run.ts";
import type { RunSettings } from "../../src/runtime/settings.ts";
import omnipaxos from "../../protocols/omnipaxos/index.ts";
import { settingsWith } from "./fixtures/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-shaped-"));
afterAll(() => rmSync(folder, { recursive: true }));

const inProcesses = async ({ protocol, protocolOptions, replicas, initialLeader, seed, batch }: RunSettings): Promise<ClusterFactory> => {
  const ports = (await freePorts(replicas + 1)).map((port) => `127.0.0.1:${port}`);
  const cluster: ClusterFile = {
    name: ports[0]!,
    protocol,
    options: protocolOptions as Record<string, string>,
    replicas: ports.slice(0, replicas),
    loads: ports.slice(replicas),
    leader: initialLeader,
    seed,
    batch,
  };
  const file = join(folder, `${ports.at(-1)}.yaml`);
  writeFileSync(file, JSON.stringify(cluster));
  return processes(file, await readCluster(file));
};

const places: readonly (readonly [string, (settings: RunSettings) => Promise<ClusterFactory>])[] = [
  ["threads", () => Promise.resolve(threads)],
  ["processes", inProcesses],
];

const both = (cluster: Cluster, condition: Condition): void => {
  for (const [from, to] of [[0, 1], [1, 0]] as const) cluster.impose(from, [{ to, condition }]);
};

describe.each(places)("a run in %s", { timeout: 60_000 }, (_, placed) => {
  /** `steps`: one after the other while load runs, each at a look at the progress. */
  const run = async (settings: RunSettings, steps: readonly ((cluster: Cluster) => void)[]): Promise<RunOutcome> => {
    const create = await placed(settings);
    let cluster: Cluster | undefined;
    const left = [...steps];
    return lead((given, listener) => (cluster = create(given, listener)), settings, {
      progress: ({ phase }) => {
        if (phase === "measure") left.shift()?.(cluster!);
      },
    });
  };

  test("on a topology: nobody is answered sooner than the way there and back takes", async () => {
    const { recorder, lateness, ...outcome } = await run(settingsWith({ topology: evenTopology(3, 20) }), []);
    expect(outcome).toMatchObject({ violations: [], unknown: 0 });
    expect(lateness.totalCount).toBeGreaterThan(0);
    for (const site of [1, 2]) {
      const histogram = recorder.histogram("response", site);
      expect(histogram.totalCount, `site ${site}`).toBeGreaterThan(0);
      expect(histogram.getValueAtPercentile(0), `site ${site}`).toBeGreaterThanOrEqual(20_000);
    }
  });

  test("a link that is cut carries nothing, in that direction", async () => {
    const { violations, recorder } = await run(settingsWith({ duration: 1_500_000, requestTimeout: 100_000 }), [
      (cluster) => cluster.impose(0, [{ to: 1, condition: { ...sound, cut: true } }]),
    ]);
    expect(violations.map(({ check, detail }) => `${check}: ${detail}`)).toEqual([expect.stringMatching(/^converged: replica 1 ended/)]);
    expect(recorder.histogram("response", 2).totalCount).toBeGreaterThan(0);
  });

  test("both ends learn that a cut has ended: who relies on its connections catches up", async () => {
    const settings = settingsWith({
      protocol: new URL("../../protocols/omnipaxos/index.ts", import.meta.url).href,
      protocolOptions: parseOptions("omnipaxos", omnipaxos.options as never, new Map()),
      duration: 2_500_000,
      requestTimeout: 200_000,
    });
    const { violations, undecided, unknown } = await run(settings, [
      (cluster) => both(cluster, { ...sound, cut: true }),
      () => {},
      (cluster) => both(cluster, sound),
    ]);
    expect({ violations, unknown }).toEqual({ violations: [], unknown: 0 });
    expect(undecided).not.toContain("converged");
  });
});
