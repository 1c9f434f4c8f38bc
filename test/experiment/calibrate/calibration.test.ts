import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { calibrate, planCalibration, twinsOf, type CalibrationRun } from "../../../src/experiment/calibrate/calibration.ts";
import { writeCosts } from "../../../src/experiment/calibrate/write-costs.ts";
import { loadCosts } from "../../../src/experiment/cost-file.ts";
import { createRandom } from "../../../src/core/random.ts";
import { workKinds, type Work, type WorkKind } from "../../../src/measure/work.ts";
import { costOf, noCosts, type Costs } from "../../../src/sim/costs.ts";
import { run } from "../../report/fixture.ts";
import { flagsOf } from "../../support/flags.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-calibrate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pointsFor = async (more: object = {}, clients: readonly number[] = [1, 8]) => planCalibration(flagsOf({ transport: "tcp", ...more }), clients, folder);
const named = async (more: object = {}) => (await pointsFor(more)).map(({ clients, other }) => `${clients} ${other}`.trim());

describe("loads", () => {
  test("with few and many clients, and with other shares of each kind of work", async () => {
    expect(await named()).toEqual(["1", "8", "1 batch=1", "8 batch=1", "1 valueBytes=1024", "8 valueBytes=1024", "1 conflict=0.3", "8 conflict=0.3", "1 replicas=5", "8 replicas=5"]);
  });

  test("leave alone what was asked for, and do not ask a workload for what it has not", async () => {
    expect(await named({ conflict: "0", replicas: "3", set: ["batch=8"] })).toEqual(["1", "8", "1 valueBytes=1024", "8 valueBytes=1024"]);
    expect(await named({ workload: "mixed", replicas: "3", set: ["batch=8"] })).toEqual(["1", "8"]);
  });

  test("are measured without a journal too, where one is asked for", async () => {
    expect(await named({ durability: "wal", conflict: "0", replicas: "3", set: ["batch=8", "valueBytes=9"] })).toEqual(["1", "8", "1 durability=none", "8 durability=none"]);
  });

  test("virtual time has none", async () => {
    await expect(pointsFor({ transport: "sim" })).rejects.toThrow(/^--transport sim: in virtual time work takes what it is told; allowed: inproc, tcp$/);
  });
});

const costs: Costs = { ...noCosts, turn: 10, read: 2, write: 4, receive: 1, send: 0.5, byteIn: 0.01, byteOut: 0.005, request: 2, execute: 1, record: 3, sync: 8 };
const random = createRandom(1, "work");

/** Of these kinds; nothing of others. */
const someWork = (kinds: readonly WorkKind[]): Work =>
  Object.fromEntries(workKinds.map((kind) => [kind, kinds.includes(kind) ? 1000 + random.below(100_000) : 0])) as Work;
const timed = (done: Work) => ({ cpuMs: costOf(costs, done) / 1000, cpu: 0.5, done });
/** Clients read replies and write requests. */
const loadKinds: readonly WorkKind[] = ["turn", "read", "write", "receive", "send"];

const measured = async (): Promise<CalibrationRun[]> =>
  (await pointsFor()).map((point) => {
    const replicas = [0, 1, 2].map((replica) => ({ replica, ...timed(someWork(workKinds)) }));
    const executed = replicas.reduce((sum, { done }) => sum + done.execute, 0);
    return { point, result: { ...run(0), protocol: "raft", work: { replicas, loads: [timed(someWork(loadKinds))], judge: { cpuMs: executed * 0.0002, cpu: 0.1 } } } };
  });

test("costs of replicas, clients and judge come from what each did and the time it took; the file is read back", async () => {
  const calibrated = calibrate(await measured(), "lab", "measured in a test");
  const { wake: _wake, inputs: _inputs, ...fitted } = costs;
  expect(calibrated.file.costs).toEqual(fitted);
  expect(calibrated.file.load).toEqual(Object.fromEntries(Object.entries(fitted).map(([kind, cost]) => [kind, loadKinds.includes(kind as WorkKind) ? cost : 0])));
  expect(calibrated.file.judge).toEqual({ execute: 0.2 });
  expect(calibrated.errors).toMatchObject({ samples: 30, unknowns: 11, median: expect.closeTo(0, 3), most: expect.closeTo(0, 3) });
  const path = join(folder, "lab.yaml");
  const { environment } = run(0);
  writeCosts(path, calibrated, { command: "paxbench calibrate", environment });
  expect(loadCosts(path)).toEqual(calibrated.file);
  expect(readFileSync(path, "utf8")).toContain("command: paxbench calibrate");
});

test("nothing that is there already is written over", async () => {
  const path = join(folder, "precious.yaml");
  writeFileSync(path, "mine");
  const calibrated = calibrate(await measured(), "lab", "measured in a test");
  expect(() => writeCosts(path, calibrated, { command: "", environment: run(0).environment })).toThrow(/^--out .*precious\.yaml: cannot be written \(EEXIST\); allowed is a new file$/);
  expect([existsSync(path), readFileSync(path, "utf8")]).toEqual([true, "mine"]);
});

test("a twin is the same load in virtual time, on a machine of as many cores", async () => {
  const { file } = calibrate(await measured(), "lab", "measured in a test");
  const [first] = twinsOf(await pointsFor(), file, 2);
  expect(first!.plan).toMatchObject({ transport: "sim", clientsPerSite: 1, harness: { cores: 2 }, costs: { name: "lab" }, topology: { name: "one machine", rttMs: [[0, 0, 0], [0, 0, 0], [0, 0, 0]] } });
});
