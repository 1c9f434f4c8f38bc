/**
 * Recovery under everything at once, message by message: any order of delivery, losses, duplicates, crashes, restarts,
 * several who recover the same. What the journals say must never contradict; when it is over, all execute the same.
 */
import { commandName, createRandom, everyKey, touchesEveryKey, type Random } from "paxbench";
import { describe, expect, test } from "vitest";
import { contradictionsOf, inject, newCluster, readOf, settle, sweep, writeOf, type EPaxosCluster } from "./support.ts";

interface Chaos {
  readonly replicas: number;
  readonly cluster: EPaxosCluster;
  readonly random: Random;
  /** Of replicas that may be down at once. */
  readonly tolerated: number;
  asked: number;
  readonly rejected: Set<string>;
}

const step = (chaos: Chaos, lossy: boolean): void => {
  const { replicas, cluster, random, tolerated } = chaos;
  const { lives } = cluster;
  const replica = random.below(replicas);
  const kind = random.below(100);
  if (kind < 70) {
    // What would make recovery unnecessary is mostly lost.
    cluster.drop({ type: "learn" });
    if (random.below(2) === 0) cluster.drop({ type: "commit" });
    const { inFlight } = cluster;
    if (inFlight.length === 0) return;
    const at = random.below(inFlight.length);
    const { from, to, message } = inFlight[at]!;
    if (!lossy || random.below(6) > 0) {
      inject(cluster, from, to, message);
      // What was delivered is still there: once more, if it is not taken out.
      if (random.below(10) > 0) cluster.inFlight = cluster.inFlight.filter((flight) => flight.message !== message);
    } else inFlight.splice(at, 1);
  } else if (kind < 84) {
    if (lives[replica]!.up) sweep(cluster, replica);
  } else if (kind < 92) {
    if (!lives[replica]!.up || chaos.asked >= 8) return;
    const keys = random.below(4) === 0 ? [1, 2] : [[1], [2], [1], [2], [everyKey]][random.below(5)]!;
    lives[replica]!.replica.onRequest((random.below(4) === 0 ? readOf : writeOf)(chaos.asked++, ...keys));
  } else if (kind < 95) {
    if (lives[replica]!.up && lives.filter(({ up }) => !up).length < tolerated) cluster.crash(replica);
  } else if (kind < 98) {
    if (!lives[replica]!.up) cluster.restart(replica);
  } else {
    const peer = random.below(replicas);
    if (lives[replica]!.up && peer !== replica) cluster.link(replica, peer, random.below(2) === 0);
  }
};

/** Key by key: the writes in their order, and each read after so many of them. */
const orderOf = (names: readonly string[], { lives }: EPaxosCluster): string => {
  const commands = new Map(lives[0]!.executed.map((command) => [commandName(command.id), command]));
  return [1, 2].map((key) => {
    const writes: string[] = [];
    const reads: string[] = [];
    for (const name of names) {
      const command = commands.get(name)!;
      if (!touchesEveryKey(command) && !command.keys.includes(key)) continue;
      if (command.readOnly) reads.push(`${name} after ${writes.length}`);
      else writes.push(name);
    }
    return [...writes, ...reads.toSorted()].join();
  }).join(" ");
};

/** What is wrong at the end of a run; null: nothing. */
const failureOf = (seed: number): string | null => {
  const random = createRandom(seed, "chaos");
  const replicas = [3, 5, 3, 5, 4, 7, 2, 6][random.below(8)]!;
  const chaos: Chaos = { replicas, cluster: newCluster(replicas), random, tolerated: Math.floor((replicas - 1) / 2), asked: 0, rejected: new Set() };
  const { cluster } = chaos;
  const lossy = random.below(2) === 0;
  const failure = (what: string): string => `seed ${seed}, ${replicas} replicas: ${what}; ${cluster.describe()}`;
  try {
    for (let steps = 0; steps < 400; steps++) {
      step(chaos, lossy);
      for (const { rejected } of cluster.lives) for (const { id } of rejected) chaos.rejected.add(commandName(id));
    }
    for (const [replica, { up }] of cluster.lives.entries()) {
      if (!up) cluster.restart(replica);
      for (let peer = 0; peer < replicas; peer++) if (peer !== replica) cluster.link(replica, peer, true);
    }
    settle(cluster, 60);
  } catch (error) {
    return failure((error as Error).message);
  }
  const contradictions = contradictionsOf(cluster);
  if (contradictions.length > 0) return failure(contradictions.join("; "));
  const executed = cluster.lives.map((_, replica) => cluster.executed(replica));
  for (const names of executed) {
    const due = chaos.asked - chaos.rejected.size;
    if (names.length !== due) return failure(`${names.length} of ${due} commands executed`);
    if (names.some((name) => chaos.rejected.has(name))) return failure("a rejected command executed");
    if (orderOf(names, cluster) !== orderOf(executed[0]!, cluster)) return failure("writes of a key in another order");
    if (new Set(names).size !== names.length) return failure("a command executed twice");
  }
  return null;
};

describe("any order of delivery, losses, duplicates, crashes", () => {
  test.each(Array.from({ length: 10 }, (_, i) => 1 + i * 60))("60 seeds from %i", (first) => {
    for (let seed = first; seed < first + 60; seed++) expect(failureOf(seed)).toBe(null);
  });
});
