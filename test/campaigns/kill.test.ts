import { describe, expect, test } from "vitest";
import { killRound, victims, type Victims } from "./killing.ts";

/** One round of one protocol; `node test/campaigns/kill.ts` runs more of all. */
describe("kill -9 under load with fsync", { timeout: 120_000 }, () => {
  test.each(Object.keys(victims) as Victims[])("of %s: progress or a clean stall, linearizable, nothing lost", async (whom) => {
    const { complaints, result } = await killRound("raft", whom, 1, 4000);
    expect(complaints).toEqual([]);
    expect(result.faults!.injected.crash).toBe(victims[whom].length);
  });
});
