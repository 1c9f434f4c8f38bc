import type { Micros, ReplicaId } from "../core/ids.ts";
import { createRandom } from "../core/random.ts";
import { createHistogram, record } from "../measure/latency.ts";
import { encodedHistogram } from "../measure/recording.ts";
import type { Condition } from "../network/condition.ts";
import { Path } from "../network/path.ts";
import { oneWay } from "../network/topology.ts";
import type { FrameQueue } from "../transport/frames.ts";
import { Shaper } from "../transport/shaper.ts";
import { phase, type Phase } from "./phase.ts";
import type { Report } from "./reports.ts";
import type { ReplicaSettings } from "./settings.ts";

/** What is wrong with a replica's link to another from now on, in this direction. */
export interface LinkCondition {
  readonly to: ReplicaId;
  readonly condition: Condition;
}

/** Bytes under way to one node: a link that holds more is lost. */
export const shapingLimit = 64 * 2 ** 20;

interface Lane {
  readonly to: number;
  readonly shaper: Shaper;
}

/**
 * A node's outgoing links, as far as they are not to be as fast as the machine makes them. A lane for each pair of sites:
 * a node that holds clients is at all sites at once, so between it and a replica there is one for each site of clients.
 */
export class Shaping {
  readonly #self: number;
  readonly #settings: ReplicaSettings;
  readonly #lanes: Lane[] = [];
  /** By node and site. */
  readonly #byPlace: (Shaper | undefined)[] = [];
  /** From due to handed on. */
  readonly #lateness = createHistogram();
  #measuring = false;

  constructor(self: number, settings: ReplicaSettings) {
    const { replicas, loads } = settings;
    this.#self = self;
    this.#settings = settings;
    for (let to = 0; to < replicas + loads; to++) {
      if (to === self) continue;
      const sites = self < replicas && to < replicas ? 1 : replicas;
      for (let site = 0; site < sites; site++) if (this.#trip(to, site) > 0) this.#open(to, site);
    }
  }

  /** `site`: of the client at either end. Undefined: nothing befalls these frames. */
  frames(to: number, site: number): FrameQueue | undefined {
    return this.#byPlace[this.#place(to, site)]?.frames;
  }

  /** When the next frames are due; Infinity: none are under way. */
  get next(): Micros {
    let next = Infinity;
    for (const { shaper } of this.#lanes) next = Math.min(next, shaper.next);
    return next;
  }

  /** True if a cut has ended: what was sent meanwhile is lost. */
  impose({ to, condition }: LinkCondition): boolean {
    const shaper = this.#byPlace[this.#place(to, 0)] ?? this.#open(to, 0);
    const wasCut = shaper.condition.cut;
    shaper.condition = condition;
    return wasCut && !condition.cut;
  }

  /** A turn is over: what it wrote sets out, what is due is handed on to `out`. Whose link holds too much is `lost`. */
  flush(now: Micros, out: (to: number) => FrameQueue, lost: (to: number, reason: string) => void): void {
    for (const { to, shaper } of this.#lanes) {
      shaper.send(now);
      if (shaper.next <= now) shaper.release(now, out(to), this.#late);
      if (shaper.length <= shapingLimit) continue;
      this.clear(to);
      lost(to, `${shapingLimit / 2 ** 20} MiB under way`);
    }
  }

  /** Hands on all that is under way, due or not. */
  finish(out: (to: number) => FrameQueue): void {
    for (const { to, shaper } of this.#lanes) shaper.release(Infinity, out(to), () => {});
  }

  /** The link broke: what was under way is lost. */
  clear(to: number): void {
    for (const lane of this.#lanes) if (lane.to === to) lane.shaper.clear();
  }

  enter(entered: Phase): void {
    this.#measuring = entered === phase.measure;
  }

  report(): Report {
    return { type: "lateness", histogram: encodedHistogram(this.#lateness) };
  }

  readonly #late = (by: Micros): void => {
    if (this.#measuring) record(this.#lateness, by);
  };

  #open(to: number, site: number): Shaper {
    const random = createRandom(this.#settings.seed, `link ${this.#self}.${to}.${site}`);
    const shaper = new Shaper(new Path(this.#trip(to, site), random));
    this.#lanes.push({ to, shaper });
    return (this.#byPlace[this.#place(to, site)] = shaper);
  }

  #trip(to: number, site: number): Micros {
    const { replicas, topology } = this.#settings;
    if (topology === null) return 0;
    return oneWay(topology, this.#self < replicas ? this.#self : site, to < replicas ? to : site);
  }

  #place(to: number, site: number): number {
    return to * this.#settings.replicas + site;
  }
}
