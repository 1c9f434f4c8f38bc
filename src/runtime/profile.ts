import { writeFileSync } from "node:fs";
import { Session, type Profiler } from "node:inspector";
import { phase, type Phase } from "./phase.ts";

/** A CPU profile of the thread that makes it: V8's samples, a millisecond apart. */
export class Profile {
  readonly #session = new Session();

  start(): void {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.start");
  }

  /** As a `.cpuprofile` file has it. */
  stop(): Profiler.Profile {
    const { profile } = this.#post("Profiler.stop") as { readonly profile: Profiler.Profile };
    this.#session.disconnect();
    return profile;
  }

  /** A thread's session with its own inspector answers before `post` returns. */
  #post(method: string): unknown {
    let answer: unknown;
    this.#session.post(method, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}

/** Whatever comes of `work`. `file` null: it is not profiled. */
export const profiled = <T>(file: string | null, work: () => T): T => {
  if (file === null) return work();
  const profile = new Profile();
  profile.start();
  try {
    return work();
  } finally {
    writeFileSync(file, JSON.stringify(profile.stop()));
  }
};

/** The last so many µs of a profile. */
export const lastOf = (profile: Profiler.Profile, window: number): Profiler.Profile => {
  const { samples = [], timeDeltas = [], endTime } = profile;
  const from = endTime - window;
  let at = profile.startTime;
  const first = timeDeltas.findIndex((delta) => (at += delta) >= from);
  if (first < 0) return { ...profile, startTime: from, samples: [], timeDeltas: [] };
  const kept = samples.slice(first);
  const hits = Map.groupBy(kept, (node) => node);
  return {
    nodes: profile.nodes.map((node) => ({ ...node, hitCount: hits.get(node.id)?.length ?? 0 })),
    startTime: from,
    endTime,
    samples: kept,
    timeDeltas: [at - from, ...timeDeltas.slice(first + 1)],
  };
};

/**
 * A node's, of the measured window, in `<prefix>-<node>.cpuprofile`. Made in its own thread. It runs from before the load on, for
 * to start it the thread stands still until V8 has told of all code there is.
 */
export class NodeProfile {
  readonly #file: string;
  readonly #profile = new Profile();
  #opened = 0;
  #taken: Profiler.Profile | null = null;

  constructor(prefix: string, node: number, replicas: number) {
    this.#file = `${prefix}-${node < replicas ? `replica-${node}` : `load-${node - replicas}`}.cpuprofile`;
  }

  enter(entered: Phase): void {
    if (entered === phase.start) this.#profile.start();
    if (entered === phase.measure) this.#opened = performance.now();
    if (entered === phase.drain) this.#taken = lastOf(this.#profile.stop(), (performance.now() - this.#opened) * 1000);
    if (entered === phase.stop && this.#taken !== null) writeFileSync(this.#file, JSON.stringify(this.#taken));
  }
}
