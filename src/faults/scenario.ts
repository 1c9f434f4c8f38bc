import type { Micros, ReplicaId } from "../core/ids.ts";

/**
 * A replica as a scenario names it: by number, or by what it is when the step comes. Without a leader, as in a
 * leaderless protocol, the replica that was asked to lead stands for it. `follower`: the lowest other one that is up;
 * `follower1` and so on: the others by rising number, up or not. `asked`: the one that took a client's request last.
 */
export type Target = ReplicaId | "leader" | "asked" | "follower" | `follower${number}`;

/** The links from one end to the other; `all`: of every replica but the other end. */
export interface Link {
  readonly from: Target | "all";
  readonly to: Target | "all";
}

/** What a crash leaves of the records that no sync had covered: none, all, or the first few, by chance. */
export type Unsynced = "lost" | "kept" | "torn";

/**
 * One fault, or its end.
 *
 * Links, one way: `cut` loses what is under way and what is sent, and breaks the connection. `loss`, `duplicate`,
 * `reorder` and `delay` befall messages of a connection that stands, and nobody is told. A transport that keeps its word
 * never loses, doubles or overtakes there: a protocol may rely on that and exclude them (`Protocol.excludes`). No
 * protocol may rely on time. Commands that `effects.forward` hands over may be lost, but are not doubled.
 * `only` cuts, both ways, all links but those between the pairs.
 *
 * Machines: `crashBeforeSync` crashes a replica just before its next record becomes durable: what it sent ahead of that
 * has left, what waits for it has not. `wipe` is a crash and a restart with an empty disk. A replica in a `pause` takes
 * no input until its end, then everything that waited, in order; a `slow` one takes `each` for each input, one at a time. A
 * `slowDisk` takes `sync` to make records durable. A `clock` goes `rate` times as fast as time, from `jump` later than it was.
 *
 * `heal` ends all that lasts, links, paces, disks and clocks, or, with ends, what is wrong with those links; a replica that is
 * down stays so.
 */
export type Fault =
  | { readonly type: "crash"; readonly replica: Target | "all"; readonly unsynced?: Unsynced }
  | { readonly type: "crashBeforeSync"; readonly replica: Target }
  | { readonly type: "restart"; readonly replica: ReplicaId | "all" }
  | { readonly type: "wipe"; readonly replica: Target }
  | { readonly type: "pause"; readonly replica: Target; readonly for: Micros }
  | { readonly type: "slow"; readonly replica: Target; readonly each: Micros }
  | { readonly type: "slowDisk"; readonly replica: Target; readonly sync: Micros }
  | { readonly type: "clock"; readonly replica: Target; readonly rate: number; readonly jump: Micros }
  | ({ readonly type: "cut" } & Link)
  | ({ readonly type: "loss" | "duplicate" | "reorder"; readonly share: number } & Link)
  | ({ readonly type: "delay"; readonly extra: Micros } & Link)
  | { readonly type: "isolate"; readonly replica: Target }
  | { readonly type: "only"; readonly pairs: readonly (readonly [Target, Target])[] }
  | ({ readonly type: "heal" } & Partial<Link>);

/** What befalls a single machine that goes on. */
export type MachineFault = Extract<Fault, { readonly type: "crashBeforeSync" | "pause" | "slow" | "slowDisk" | "clock" }>;

/** Steps by the type of their fault; none: 0 or absent. */
export type FaultCounts = Partial<Record<Fault["type"], number>>;

export interface Step {
  /** µs after the start of the measured window. */
  readonly at: Micros;
  readonly fault: Fault;
}

/** A schedule of faults. */
export interface Scenario {
  readonly name: string;
  /** One line: what happens. */
  readonly summary?: string;
  readonly steps: readonly Step[];
}
