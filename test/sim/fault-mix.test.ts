/** Faults of all kinds at random times, by seed, on every protocol: whatever comes, nobody may be wrong. */
import { fileURLToPath } from "node:url";
import { createRandom, millisecond, second, type Random } from "paxbench";
import { describe, expect, it } from "vitest";
import { listPlugins, loadProtocol, resolvePlugin } from "../../src/runtime/modules.ts";
import type { Fault, Step, Target } from "../../src/faults/scenario.ts";
import { simulateProtocol, type AnyProtocol, type TestRun } from "paxbench/testing";

const root = fileURLToPath(new URL("../../", import.meta.url));
const protocols = await Promise.all(
  listPlugins("protocol").map(async (name) => (await loadProtocol(resolvePlugin("protocol", name, root))) as AnyProtocol),
);
const end = 3 * second;

const drawFault = (random: Random): Fault => {
  const pick = <T>(...from: readonly T[]): T => from[random.below(from.length)]!;
  const replica = pick<Target>("leader", "follower", 0, 1, 2);
  const link = { from: pick<Target | "all">("all", "leader", "follower", 0, 1, 2), to: pick<Target | "all">("all", 0, 1, 2) };
  const share = random.unit() * 0.3;
  return pick<Fault>(
    { type: "crash", replica, unsynced: pick("lost", "kept", "torn") },
    { type: "crashBeforeSync", replica },
    { type: "restart", replica: "all" },
    { type: "wipe", replica },
    { type: "pause", replica, for: random.below(second) },
    { type: "slow", replica, each: random.below(500) },
    { type: "clock", replica, rate: 0.5 + random.unit(), jump: random.below(second) },
    { type: "cut", ...link },
    { type: "loss", ...link, share },
    { type: "duplicate", ...link, share },
    { type: "reorder", ...link, share },
    { type: "delay", ...link, extra: random.below(20 * millisecond) },
    { type: "isolate", replica },
    { type: "only", pairs: [["leader", "follower1"]] },
    { type: "heal" },
  );
};

/** A dozen faults in three seconds; then everybody is up and everything whole. */
const mixOf = (seed: number): TestRun => {
  const random = createRandom(seed, "mix");
  const steps = Array.from({ length: 12 }, (): Step => ({ at: random.below(end), fault: drawFault(random) }));
  steps.push({ at: end, fault: { type: "heal" } }, { at: end, fault: { type: "restart", replica: "all" } });
  return {
    seed,
    replicas: 3 + 2 * (seed % 2),
    sync: seed % 3 === 0 ? 0 : 700,
    jitter: seed % 5 === 0 ? 0 : 3 * millisecond,
    conflict: 0.5,
    clientsPerSite: 1,
    duration: end + second,
    scenario: { name: "mix", steps },
  };
};

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))("%s", (_, protocol) => {
  it.each(Array.from({ length: 30 }, (_, i) => i + 1))("takes a mix of faults, seed %i", (seed) => {
    const { violations, unknown, faults, excluded, recoveredAfter } = simulateProtocol(protocol, mixOf(seed));
    expect(violations).toEqual([]);
    expect(unknown).toBe(0);
    expect(recoveredAfter).not.toBeNull();
    const counts = [...Object.values(faults), ...Object.values(excluded)];
    expect(counts.reduce((sum, count) => sum + count)).toBe(14);
  });
});
