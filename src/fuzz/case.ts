/**
 * One run under random faults, drawn from its seed: how many replicas and clients, how far apart, how slow their disks,
 * and what happens to them. But for power cuts, at most a minority is down at any time; before the load ends everything
 * is mended, for after that the run must come to an end.
 */
import { majorityOf, millisecond, second, type Micros, type ReplicaId } from "../core/ids.ts";
import { createRandom, type Random } from "../core/random.ts";
import type { Step } from "../faults/scenario.ts";
import { Dice, troubleAt } from "./troubles.ts";

/** What may be fixed beforehand, and what shrinking makes smaller. */
export interface CaseLimits {
  readonly replicas?: number | undefined;
  readonly clients?: number | undefined;
  /** Of each client, after which it stops; without it the load's duration is the only bound. */
  readonly commands?: number | undefined;
  /** Of the load. */
  readonly duration?: Micros | undefined;
  /** Only these of the drawn faults, by place. */
  readonly faults?: readonly number[] | undefined;
}

export interface FuzzCase {
  readonly seed: number;
  readonly replicas: number;
  /** At each site. */
  readonly clients: number;
  readonly commands: number | undefined;
  /** From row to column; ms. */
  readonly rttMs: readonly (readonly number[])[];
  readonly jitter: Micros;
  readonly sync: Micros;
  readonly duration: Micros;
  /** Drawn from the seed; `limits.faults` leaves some out. */
  readonly faults: readonly Step[];
  /** The faults, and what ends them. */
  readonly steps: readonly Step[];
}

export const caseOf = (seed: number, limits: CaseLimits = {}): FuzzCase => {
  const random = createRandom(seed, "fuzz");
  // All is drawn whatever the limits say, so that a limit changes nothing else.
  const drawn = {
    replicas: [3, 3, 5, 3, 5, 7][random.below(6)]!,
    clients: 1 + random.below(2),
    jitter: random.below(2) * random.below(60 * millisecond),
    sync: syncOf(random),
    duration: (6 + random.below(5)) * second,
  };
  const replicas = limits.replicas ?? drawn.replicas;
  const rttMs = distancesOf(createRandom(seed, "fuzz distances"), replicas);
  const duration = limits.duration ?? drawn.duration;
  const all = faultsOf(random, replicas, drawn.duration);
  const faults = limits.faults === undefined ? all : limits.faults.flatMap((place) => all[place] ?? []);
  const end = duration - second;
  const mended: Step[] = [{ at: end, fault: { type: "restart", replica: "all" } }, { at: end, fault: { type: "heal" } }];
  const last = faults.filter(({ at }) => at >= drawn.duration - second).map(({ at, fault }) => ({ at: at + duration - drawn.duration, fault }));
  const steps = [...faults.slice(0, faults.length - last.length).filter(({ at }) => at < end), ...mended, ...last];
  return { seed, ...drawn, rttMs, replicas, duration, clients: limits.clients ?? drawn.clients, commands: limits.commands, faults, steps };
};

/** All alike, or each link and direction on its own: then who is near differs from replica to replica. */
const distancesOf = (random: Random, replicas: number): number[][] => {
  const [least, spread] = [20 + random.below(80), random.below(3) * random.below(80)];
  const row = (): number[] => Array.from({ length: replicas }, () => least + random.below(1 + spread));
  return Array.from({ length: replicas }, row);
};

/** Nothing, what a disk takes, or so long that a crash seldom comes without loss. */
const syncOf = (random: Random): Micros => {
  const kind = random.below(4);
  return kind === 0 ? 0 : kind < 3 ? random.below(16 * millisecond) : (50 + random.below(100)) * millisecond;
};

/**
 * Often in bursts: the second blow finds a cluster that has not got over the first. In some runs somebody crashes for
 * good once all is mended, in the last second of the load: the others must do without what only that replica knew.
 */
const faultsOf = (random: Random, replicas: number, duration: Micros): Step[] => {
  const dice = new Dice(random, replicas);
  const tolerated = replicas - majorityOf(replicas);
  const wait = (): Micros => random.below(duration / (random.below(2) === 0 ? 4 : 40));
  let steps: Step[] = [];
  const end = duration - second;
  const troubles = 1 + random.below(1 + random.below(16));
  for (let at = wait(), count = 0; at < end && count < troubles; at += wait(), count++) {
    const more = [...steps, ...troubleAt(dice, at)].toSorted((a, b) => a.at - b.at);
    if (mostDown(more) <= tolerated) steps = more;
  }
  const before = steps.filter(({ at }) => at < end);
  return random.below(4) > 0 ? before : [...before, { at: end + random.below(second), fault: { type: "crash", replica: dice.target() } }];
};

/** Replicas down at a time, power cuts aside, from which all come back. Who is not named by a number counts as one more. */
const mostDown = (steps: readonly Step[]): number => {
  const down = new Set<ReplicaId | Step>();
  let most = 0;
  for (const step of steps) {
    const { fault } = step;
    if ((fault.type === "crash" && fault.replica !== "all") || fault.type === "crashBeforeSync") down.add(typeof fault.replica === "number" ? fault.replica : step);
    else if (fault.type !== "restart") continue;
    else if (fault.replica === "all") down.clear();
    else down.delete(fault.replica);
    most = Math.max(most, down.size);
  }
  return most;
};
