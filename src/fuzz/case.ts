/**
 * One run under random faults, drawn from its seed: how many replicas and clients, how far apart, how slow their disks,
 * and what happens to them. At most a minority is down at any time; before the load ends everything is mended, for
 * after that the run must come to an end.
 */
import { majorityOf, millisecond, second, type Micros, type ReplicaId } from "../core/ids.ts";
import { createRandom, type Random } from "../core/random.ts";
import type { Fault, Link, Step } from "../sim/scenario.ts";

/** What may be fixed beforehand, and what shrinking makes smaller. */
export interface CaseLimits {
  readonly replicas?: number | undefined;
  readonly clients?: number | undefined;
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
  readonly rttMs: number;
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
    rttMs: 40 + random.below(160),
    jitter: random.below(2) * random.below(60 * millisecond),
    sync: random.below(3) * random.below(8 * millisecond),
    duration: (6 + random.below(5)) * second,
  };
  const replicas = limits.replicas ?? drawn.replicas;
  const duration = limits.duration ?? drawn.duration;
  const all = faultsOf(random, replicas, drawn.duration);
  const faults = limits.faults === undefined ? all : limits.faults.flatMap((place) => all[place] ?? []);
  const end = duration - second;
  const mended: Step[] = [{ at: end, fault: { type: "restart", replica: "all" } }, { at: end, fault: { type: "heal" } }];
  const steps = [...faults.filter(({ at }) => at < end), ...mended];
  return { seed, ...drawn, replicas, duration, clients: limits.clients ?? drawn.clients, faults, steps };
};

const faultsOf = (random: Random, replicas: number, duration: Micros): Step[] => {
  const steps: Step[] = [];
  const down = new Set<ReplicaId>();
  const tolerated = replicas - majorityOf(replicas);
  const wait = (): Micros => random.below(duration / 4);
  for (let at = wait(), count = 2 + random.below(8); count > 0; at += wait(), count--) {
    const fault = faultOf(random, replicas);
    if ((fault.type === "crash" || fault.type === "crashBeforeSync") && typeof fault.replica === "number") {
      if (down.size >= tolerated || down.has(fault.replica)) continue;
      down.add(fault.replica);
    }
    if (fault.type === "restart") down.clear();
    steps.push({ at, fault });
  }
  return steps;
};

const faultOf = (random: Random, replicas: number): Fault => {
  const replica = (): ReplicaId => random.below(replicas);
  const link = (): Link => ({ from: random.below(2) === 0 ? "all" : replica(), to: replica() });
  const share = (): number => random.below(40) / 100;
  switch (random.below(18)) {
    case 0:
    case 1: return { type: "crash", replica: replica(), unsynced: (["lost", "kept", "torn"] as const)[random.below(3)]! };
    case 2:
    case 3: return { type: "crashBeforeSync", replica: replica() };
    case 4:
    case 5: return { type: "restart", replica: "all" };
    case 6:
    case 7: return { type: "cut", from: replica(), to: replica() };
    case 8: return { type: "isolate", replica: replica() };
    case 9: return { type: "isolate", replica: "leader" };
    case 10: return { type: "loss", share: share(), ...link() };
    case 11: return { type: "duplicate", share: share(), ...link() };
    case 12: return { type: "reorder", share: share(), ...link() };
    case 13: return { type: "delay", extra: random.below(second / 2), ...link() };
    case 14: return { type: "pause", replica: replica(), for: random.below(3 * second) };
    case 15: return { type: "slow", replica: replica(), each: random.below(2 * millisecond) };
    case 16: return { type: "clock", replica: replica(), rate: 0.5 + random.below(150) / 100, jump: random.below(second) };
    default: return { type: "heal" };
  }
};
