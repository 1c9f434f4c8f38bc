/**
 * What can happen to a cluster in a run under random faults. A trouble is a fault, or a few that belong together: a
 * machine that crashes and comes back, a link that flaps. What finds mistakes is trouble at the wrong moment, so some of
 * it aims: at the leader, or at the replica that was asked last, whose messages are under way.
 */
import { millisecond, type Micros } from "../core/ids.ts";
import type { Random } from "../core/random.ts";
import type { Fault, Link, Step, Target, Unsynced } from "../faults/scenario.ts";

/** Draws one trouble that begins at the time `at`. */
type Trouble = (dice: Dice, at: Micros) => Step[];

/** Draws of one run. */
export class Dice {
  readonly #random: Random;
  readonly #replicas: number;

  constructor(random: Random, replicas: number) {
    this.#random = random;
    this.#replicas = replicas;
  }

  below(limit: number): number {
    return this.#random.below(limit);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** A time from `least` up to `most`, ms; in µs. */
  time(least: number, most: number): Micros {
    return least * millisecond + this.below((most - least) * millisecond);
  }

  replica(): number {
    return this.below(this.#replicas);
  }

  /** Three replicas, none twice. */
  others(): readonly [number, number, number] {
    const first = this.replica();
    const step = 1 + this.below(this.#replicas - 1);
    const at = (places: number): number => (first + places) % this.#replicas;
    const rest = Array.from({ length: this.#replicas - 1 }, (_, i) => i + 1).filter((places) => places !== step);
    return [first, at(step), at(this.of(rest))];
  }

  /** A replica, not seldom the one whose trouble matters most. */
  target(): Target {
    return this.of([this.replica(), this.replica(), this.replica(), "leader", "asked"]);
  }

  /** One link, or all that a replica sends, or hears. */
  link(): Link {
    const end = this.target();
    return this.of([{ from: this.replica(), to: end }, { from: end, to: this.replica() }, { from: "all", to: end }, { from: end, to: "all" }]);
  }

  share(): number {
    return this.below(40) / 100;
  }

  unsynced(): Unsynced {
    return this.of(["lost", "kept", "torn"]);
  }
}

/** A replica that was not named by its number may be another by now: then all are restarted, all links mended. */
const restartOf = (replica: Target): Fault => ({ type: "restart", replica: typeof replica === "number" ? replica : "all" });
const isNamed = (end: Target | "all"): boolean => typeof end === "number" || end === "all";
const healOf = ({ from, to }: Link): Fault => (isNamed(from) && isNamed(to) ? { type: "heal", from, to } : { type: "heal" });

const alone = (draw: (dice: Dice) => Fault): Trouble => (dice, at) => [{ at, fault: draw(dice) }];

/** All at once, as when a fuse blows; all come back. */
const powerCut: Trouble = (dice, at) => [
  { at, fault: { type: "crash", replica: "all", unsynced: dice.unsynced() } },
  { at: at + dice.time(5, 500), fault: { type: "restart", replica: "all" } },
];

const bounce: Trouble = (dice, at) => {
  const replica = dice.target();
  return [
    { at, fault: { type: "crash", replica, unsynced: dice.unsynced() } },
    { at: at + dice.time(5, 300), fault: restartOf(replica) },
  ];
};

const flap: Trouble = (dice, at) => {
  const link = dice.link();
  return [{ at, fault: { type: "cut", ...link } }, { at: at + dice.time(5, 300), fault: healOf(link) }];
};

/** What a replica sends is lost, then the replica: nobody knows what it knew last. */
const vanish: Trouble = (dice, at) => {
  const replica = dice.target();
  return [
    { at, fault: { type: "isolate", replica } },
    { at: at + dice.time(0, 300), fault: { type: "crash", replica, unsynced: dice.unsynced() } },
  ];
};

/**
 * Time jumps ahead at two replicas that do not hear each other: what they waited for, they wait for no longer, and each
 * tries to take over. Another one may forget between them what it promised the first.
 */
const rivals: Trouble = (dice, at) => {
  const [first, second, between] = dice.others();
  const hasty = (replica: number, when: Micros): Step => ({ at: when, fault: { type: "clock", replica, rate: 1, jump: dice.time(2000, 5000) } });
  const later = at + dice.time(20, 400);
  const crash: Step[] = [
    { at: at + dice.below(later - at), fault: { type: "crash", replica: between, unsynced: dice.unsynced() } },
    { at: later, fault: { type: "restart", replica: between } },
  ];
  return [
    { at, fault: { type: "cut", from: first, to: second } },
    { at, fault: { type: "cut", from: second, to: first } },
    hasty(first, at + millisecond),
    ...dice.of([[], crash]),
    hasty(second, later),
    { at: later + dice.time(100, 2000), fault: { type: "heal" } },
  ];
};

/** How often, each in proportion to the others. */
const table: readonly (readonly [weight: number, trouble: Trouble])[] = [
  [4, alone((dice) => ({ type: "crash", replica: dice.target(), unsynced: dice.unsynced() }))],
  [4, alone((dice) => ({ type: "crashBeforeSync", replica: dice.target() }))],
  [4, alone(() => ({ type: "restart", replica: "all" }))],
  [4, alone((dice) => ({ type: "cut", ...dice.link() }))],
  [4, alone((dice) => ({ type: "isolate", replica: dice.target() }))],
  [4, alone((dice) => ({ type: "delay", extra: dice.time(0, dice.of([500, 4000])), ...dice.link() }))],
  [2, alone((dice) => ({ type: "loss", share: dice.share(), ...dice.link() }))],
  [2, alone((dice) => ({ type: "duplicate", share: dice.share(), ...dice.link() }))],
  [2, alone((dice) => ({ type: "reorder", share: dice.share(), ...dice.link() }))],
  [2, alone((dice) => ({ type: "pause", replica: dice.target(), for: dice.time(0, 3000) }))],
  [2, alone((dice) => ({ type: "slow", replica: dice.target(), each: dice.time(0, 2) }))],
  [2, alone((dice) => ({ type: "slowDisk", replica: dice.target(), sync: dice.time(0, 400) }))],
  [2, alone((dice) => ({ type: "clock", replica: dice.target(), rate: 0.5 + dice.below(150) / 100, jump: dice.time(0, 5000) }))],
  [4, alone(() => ({ type: "heal" }))],
  [4, powerCut],
  [4, bounce],
  [4, flap],
  [4, vanish],
  [3, rivals],
];

const total = table.reduce((sum, [weight]) => sum + weight, 0);

export const troubleAt = (dice: Dice, at: Micros): Step[] => {
  let ticket = dice.below(total);
  const [, trouble] = table.find(([weight]) => (ticket -= weight) < 0)!;
  return trouble(dice, at);
};
