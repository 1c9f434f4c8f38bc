/**
 * A whole run in virtual time: replicas, links, disks and clients as actors of one discrete-event loop. Whole
 * microseconds; events of one instant happen in the order in which they were scheduled; every actor draws from a
 * random stream of its own. Same settings, same run, byte for byte.
 */
import { Agreement } from "../check/agreement.ts";
import { judgeConvergence } from "../check/convergence.ts";
import { Leaders } from "../check/leaders.ts";
import { Ledger } from "../check/ledger.ts";
import type { CheckName, Violation } from "../check/violation.ts";
import { InvariantError } from "../core/assert.ts";
import { second, type Micros, type ReplicaId } from "../core/ids.ts";
import { createRandom } from "../core/random.ts";
import type { FaultEvent } from "../faults/bands.ts";
import { Recovery } from "../faults/recovery.ts";
import type { FaultCounts } from "../faults/scenario.ts";
import { Recorder } from "../measure/recorder.ts";
import { SteadyState, steadyWindow, type WarmedUp } from "../measure/steady.ts";
import { workSince, type WorkDone } from "../measure/work.ts";
import { Arena } from "./arena.ts";
import { EventQueue } from "./event-queue.ts";
import { SimulatedFaults } from "./faults.ts";
import { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { SimulatedLoad } from "./simulated-load.ts";
import { SimulatedReplica } from "./simulated-replica.ts";
import type { SimulationHooks, SimulationSettings, World } from "./world.ts";

export interface SimulationOutcome {
  readonly recorder: Recorder;
  readonly warmedUp: WarmedUp;
  readonly violations: readonly Violation[];
  /** Checks that this run could not decide, unless they are among the violations. */
  readonly undecided: readonly CheckName[];
  /** Requests that were given up at the end: each attempt was rejected. */
  readonly failed: number;
  /** Requests still open when the run ended. */
  readonly unknown: number;
  /** By replica; null: down. */
  readonly executedCommands: readonly (number | null)[];
  readonly events: number;
  /** Steps of the scenario that were carried out, and those that the protocol's model excludes. */
  readonly faults: FaultCounts;
  readonly excluded: FaultCounts;
  /** µs from the start of the measured window. */
  readonly faultEvents: readonly FaultEvent[];
  /**
   * µs from the moment after which nothing is broken to the next reply to a client. Null if there was no fault, no
   * such moment or no such reply. What a scenario leaves broken, replicas that are down aside, is mended as the load ends.
   */
  readonly recoveredAfter: Micros | null;
  /**
   * µs from the end of the load, when everything is mended, until no request was open and all replicas had the same state,
   * looked at each tenth of a second. Null: not in half a minute.
   */
  readonly settledAfter: Micros | null;
  /** By replica, in the measured window; null where work takes no time. */
  readonly work: readonly WorkDone[] | null;
}

/** Longest time after the load ends in which open requests are answered and replicas catch up. */
const drainLimit: Micros = 30 * second;
const drainStep: Micros = second / 10;

export const simulate = (settings: SimulationSettings, hooks: SimulationHooks = {}): SimulationOutcome =>
  new Simulation(settings, hooks).run();

class Simulation implements World {
  readonly settings: SimulationSettings;
  readonly hooks: SimulationHooks;
  readonly queue = new EventQueue();
  readonly network: Network;
  readonly frames = new Arena();
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly agreement: Agreement;
  readonly leaders = new Leaders();
  readonly recovery = new Recovery();
  readonly violations: Violation[] = [];
  readonly replicas: readonly SimulatedReplica[];
  readonly load: SimulatedLoad;
  readonly machine: Machine | null;
  leader: ReplicaId | null = null;
  asked: ReplicaId | null = null;
  readonly #faults: SimulatedFaults;
  /** When the load began. */
  #begun: Micros = 0;
  #events = 0;
  #instant: Micros = 0;
  #eventsInInstant = 0;

  constructor(settings: SimulationSettings, hooks: SimulationHooks) {
    const { topology, replicas, seed, jitter } = settings;
    this.settings = settings;
    this.hooks = hooks;
    this.network = new Network(topology, replicas, jitter, createRandom(seed, "network"));
    this.recorder = new Recorder(topology.sites.length);
    this.machine = settings.machine && new Machine(settings.machine, replicas, this.queue);
    const restarts = settings.scenario !== null;
    this.ledger = new Ledger(replicas, { restarts });
    this.agreement = new Agreement(replicas, { restarts });
    this.replicas = Array.from({ length: replicas }, (_, self) => new SimulatedReplica(this, self));
    this.load = new SimulatedLoad(this);
    this.#faults = new SimulatedFaults(this);
  }

  run(): SimulationOutcome {
    const begun = this.#begin();
    const warmedUp = this.#warmUp(begun);
    const opens = begun + warmedUp.took;
    const closes = opens + this.settings.duration;
    const { measured = true } = this.settings;
    if (measured) this.recorder.open(opens);
    const before = this.#work();
    this.#runUntil(closes);
    if (measured) this.recorder.close(closes);
    const after = this.#work();
    const settledAfter = this.#drain(closes);
    const { failed, open: unknown } = this.load;
    return {
      recorder: this.recorder,
      warmedUp,
      ...this.#judge(failed + unknown),
      failed,
      unknown,
      executedCommands: this.#executedCommands(),
      events: this.#events,
      ...this.#faults.told,
      recoveredAfter: this.recovery.after,
      settledAfter,
      work: before && after && after.map((later, replica) => workSince(before[replica]!, later)),
    };
  }

  /** Starts the replicas, and the load once everything is there that its workload wants to be. Answers when it begins. */
  #begin(): Micros {
    const { load, replicas, settings: { warmup, untilSteady } } = this;
    const begin = (at: Micros): void => {
      this.#begun = at;
      load.begin(at);
      if (!untilSteady) this.#faults.begin(at + warmup);
    };
    if (!load.preparing) begin(0);
    for (const replica of replicas) replica.start();
    if (load.preparing) begin(this.#prepare());
    return this.#begun;
  }

  #warmUp(begun: Micros): WarmedUp {
    const { warmup, untilSteady } = this.settings;
    if (!untilSteady) {
      this.#runUntil(begun + warmup);
      return { took: warmup, transient: null };
    }
    const state = new SteadyState();
    let took = 0;
    let transient: Micros | null = null;
    for (let before = this.load.answered; transient === null && took < warmup; before = this.load.answered) {
      took = Math.min(took + steadyWindow, warmup);
      this.#runUntil(begun + took);
      if (state.add(this.load.answered - before)) transient = state.transient;
    }
    this.#faults.begin(begun + took);
    return { took, transient };
  }

  /** Answers when everything was there. */
  #prepare(): Micros {
    const { load, hooks } = this;
    load.prepare();
    let end = drainStep;
    for (let share = 0, steps = 0; load.preparing; end += drainStep, steps++) {
      this.#runUntil(end);
      hooks.prepared?.(load.shareOfPreparation);
      if (load.shareOfPreparation > share) steps = 0;
      share = load.shareOfPreparation;
      if (steps * drainStep > drainLimit) throw new InvariantError(`nothing of what the workload wants to be there was answered in ${drainLimit / second} s`);
    }
    return end;
  }

  /** Of each replica, up to now; null where work takes no time. */
  #work(): WorkDone[] | null {
    const work = this.replicas.map((replica) => replica.work);
    return work.every((each) => each !== null) ? work : null;
  }

  #judge(unanswered: number): Pick<SimulationOutcome, "violations" | "undecided"> {
    const { ledger, agreement, leaders } = this;
    const digests = this.#digests();
    const divergences = judgeConvergence(digests);
    // What a replica that lags, or a cluster that decides nothing any more, has not executed yet is not lost.
    const caughtUp = unanswered === 0 && divergences.length === 0;
    return {
      violations: [
        ...this.violations, ...agreement.violations, ...leaders.violations, ...ledger.violations,
        ...divergences, ...(caughtUp ? ledger.judgeDurability(digests.keys()) : []),
      ],
      undecided: [
        ...(agreement.judged ? [] : ["agreement"] as const),
        ...(leaders.judged ? [] : ["leaders"] as const),
        ...(caughtUp ? [] : ["durable"] as const),
      ],
    };
  }

  /** Lets every event before `end` happen. */
  #runUntil(end: Micros): void {
    const { queue, hooks } = this;
    let nextProgress = queue.now - (queue.now % second) + second;
    while (queue.nextTime < end) {
      queue.run();
      this.#events++;
      this.#watchForFloods();
      if (queue.now >= nextProgress) {
        hooks.progress?.(queue.now - this.#begun);
        nextProgress += second;
      }
    }
  }

  /** A protocol may set a timer of no delay again and again, or answer each message with two. */
  #watchForFloods(): void {
    const { now, size } = this.queue;
    if (now !== this.#instant) {
      this.#instant = now;
      this.#eventsInInstant = 0;
    }
    // Far above what any sound run comes to, and little enough to be reached within a second or two.
    const most = 200_000 + 100 * this.load.clients.length;
    if (++this.#eventsInInstant > most) throw new InvariantError(`at ${now} µs time stands still: more than ${most} events in one instant`);
    if (size > most) throw new InvariantError(`at ${now} µs more than ${most} events are to come: messages or timers multiply`);
  }

  /** No new requests, nothing broken: open requests are answered, laggards catch up. */
  #drain(from: Micros): Micros | null {
    this.load.stop();
    this.#faults.end();
    for (let end = from + drainStep; end <= from + drainLimit; end += drainStep) {
      this.#runUntil(end);
      if (this.load.open === 0 && this.#settled()) return end - from;
    }
    this.load.giveUp();
    // Long enough for what is said of the last attempts.
    this.#runUntil(from + drainLimit + this.settings.requestTimeout);
    return null;
  }

  /** States may be the same while the last command, which changes nothing, is still on its way to some replica. */
  #settled(): boolean {
    const digests = this.#digests();
    const executed = new Set(this.#executedCommands().filter((count) => count !== null));
    return executed.size <= 1 && judgeConvergence(digests).length === 0 && this.ledger.judgeDurability(digests.keys()).length === 0;
  }

  #executedCommands(): (number | null)[] {
    return this.replicas.map((replica) => replica.engine?.executedCommands ?? null);
  }

  #digests(): Map<ReplicaId, string> {
    const digests = new Map<ReplicaId, string>();
    for (const [id, { engine }] of this.replicas.entries()) if (engine !== null) digests.set(id, engine.digest());
    return digests;
  }
}
