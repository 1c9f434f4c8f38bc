/** The test of the tests: judges that are shown a mistake notice. docs/mutants.md has what the campaign found. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { mutants } from "./catalog.ts";
import { hunt, huntUnchanged, judgesOf, scheduleFails } from "./hunt.ts";
import { mutated, withCopy, type Mutant } from "./mutant.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const byId = (id: string): Mutant => mutants.find((mutant) => mutant.id === id)!;
/** A bound on hanging, not a measure: a whole hunt takes a second or two. */
const patience = 120_000;

describe("the catalog", () => {
  test.each(mutants)("$id: $what: its texts are where it wants to change them", (mutant) => {
    expect(mutated(mutant).size).toBeGreaterThan(0);
  });

  test("each mutant has a name of its own", () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  test("a text that is gone, or there twice, is an error with the mutant's name", () => {
    const gone: Mutant = { ...byId("MP-2"), id: "MP-0", edits: [{ file: "protocols/multipaxos/replica.ts", find: "no such text", replace: "" }] };
    expect(() => mutated(gone)).toThrow(/MP-0.* has 0 /);
    const twice = { ...gone, edits: [{ ...gone.edits[0]!, find: "#promise(" }] };
    expect(() => mutated(twice)).toThrow(/MP-0.* has \d+ /);
  });

  test("a copy has the mistake, and is gone afterwards", async () => {
    const { edits } = byId("MP-2");
    const folder = await withCopy(byId("MP-2"), async (copy) => {
      const text = readFileSync(fileURLToPath(new URL("replica.ts", copy.protocol)), "utf8");
      expect(text).toContain(edits[0]!.replace);
      expect(text).not.toContain(edits[0]!.find);
      return copy.folder;
    });
    expect(existsSync(folder)).toBe(false);
  });

  test.each(mutants.filter(({ schedule }) => schedule !== undefined))("$id: its schedule is there", ({ protocol, schedule }) => {
    const test = schedule!.test.replace(/: (slow|refuted)$/, "").replace(`${protocol} `, "");
    expect(readFileSync(`${root}${schedule!.file}`, "utf8")).toContain(test);
  });
});

describe("a judge complains, and the right one", () => {
  const hunted = mutants.filter(({ bound }) => bound !== null);
  test.concurrent.each(hunted)("$id: $what", async (mutant) => {
    const [found] = await hunt(mutant, [1], mutant.bound!);
    expect(found, `nobody complained in ${mutant.bound} seeds`).not.toBeNull();
    const judges = judgesOf(found!);
    expect(judges.some((judge) => mutant.judges.includes(judge)), `seed ${found!.seed}: only ${judges.join(", ")}`).toBe(true);
  }, patience);
});

describe("nobody complains without a mistake", () => {
  test.concurrent.each(["multipaxos", "raft", "omnipaxos", "epaxos"])("%s", async (protocol) => {
    expect(await huntUnchanged(protocol, 1, 100)).toEqual([null]);
  }, patience);
});

describe("what chance does not find, a schedule does", () => {
  test.each(["R-1", "E-9c"].map(byId))("$id: $what: $schedule.test", (mutant) => {
    expect(scheduleFails(mutant)).toBe(true);
  }, patience);
});
