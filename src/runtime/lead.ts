/**
 * A whole run in real time, wherever its nodes live: leads them through the phases and judges, while the run goes on,
 * what the replicas executed.
 */
import type { Histogram } from "hdr-histogram-js";
import { judgeConvergence } from "../check/convergence.ts";
import { Leaders } from "../check/leaders.ts";
import { Ledger } from "../check/ledger.ts";
import type { CheckName, Violation } from "../check/violation.ts";
import { UsageError } from "../core/errors.ts";
import { second, type Micros, type ReplicaId } from "../core/ids.ts";
import { createHistogram } from "../measure/latency.ts";
import { Recorder } from "../measure/recorder.ts";
import type { WarmedUp } from "../measure/steady.ts";
import type { MachineUsage, Usage } from "../measure/usage.ts";
import type { WorkDone } from "../measure/work.ts";
import type { Cluster, ClusterListener } from "./cluster.ts";
import { machineMeter } from "./machine.ts";
import { ExecutionReader } from "./executions.ts";
import { decodedHistogram, recorderOf } from "../measure/recording.ts";
import { LiveFaults, type LiveFaultsOutcome } from "./live-faults.ts";
import { threadCpu } from "./meter.ts";
import { phase } from "./phase.ts";
import type { Report } from "./reports.ts";
import type { RunSettings } from "./settings.ts";
import { Watch } from "./watch.ts";

export interface Progress {
  readonly phase: "start" | "load" | "warm-up" | "measure" | "drain";
  /** Since the phase began. */
  readonly elapsed: Micros;
  /** Requests answered, warm-up included. */
  readonly completed: number;
  /** Of what the workload wants to be there before: the share that is, 0 … 1. */
  readonly prepared: number;
}

export interface RunHooks {
  /** About five times a second. */
  progress?(progress: Progress): void;
}

/** A replica that stopped by itself while the others went on, and what it said. */
export interface LostReplica {
  readonly replica: ReplicaId;
  readonly reason: string;
}

export interface RunOutcome {
  readonly recorder: Recorder;
  /** By how much frames that were held back left later than they were due, µs; empty where none were. */
  readonly lateness: Histogram;
  /** How long was measured, by the clients' clock: what throughput is to be divided by. */
  readonly measured: Micros;
  readonly warmedUp: WarmedUp;
  readonly violations: readonly Violation[];
  /** Checks that this run could not decide, unless they are among the violations. */
  readonly undecided: readonly CheckName[];
  /** Requests that were given up at the end: each attempt was rejected. */
  readonly failed: number;
  /** Requests still open when the run ended. */
  readonly unknown: number;
  /** By replica. */
  readonly executedCommands: readonly number[];
  /** In the measured window: of each replica, null if it did not live to tell it; of each node of clients; of who leads and judges. */
  readonly work: { readonly replicas: readonly (WorkDone | null)[]; readonly loads: readonly WorkDone[]; readonly judge: { readonly cpu: number } };
  /** By node, replicas first. Null: it was gone in the end. */
  readonly usage: readonly (Usage | null)[];
  readonly machine: MachineUsage;
  /** Replicas that were gone in the end: what they lack by then is not judged. */
  readonly gone: readonly ReplicaId[];
  readonly lost: readonly LostReplica[];
  /** The run was cut short. Whether its replicas converge was then not judged. */
  readonly interrupted: boolean;
  /** Null where nothing was to befall the run. */
  readonly faults: (LiveFaultsOutcome & { readonly recoveredAfter: Micros | null }) | null;
  /** What clients saw, JSON Lines; null where it was not asked for. */
  readonly history: string | null;
}

const startLimit: Micros = 30 * second;
/** Longest time without an answer while the store is prepared. */
const prepareLimit: Micros = 30 * second;
/** Longest time after the load ends in which open requests are answered, and then in which replicas catch up. */
const drainLimit: Micros = 10 * second;
const interruptedDrainLimit: Micros = second;
/** In which nodes report what they have and end. */
const stopLimit: Micros = 60 * second;
const progressInterval = 200;

export type ClusterFactory = (settings: RunSettings, listener: ClusterListener) => Cluster;

/** Rejects when a node fails, with an error that names it. When it settles, all nodes have ended. */
export const lead = (create: ClusterFactory, settings: RunSettings, hooks: RunHooks = {}, signal?: AbortSignal): Promise<RunOutcome> =>
  new Run(create, settings).run(hooks, signal);

class Run implements ClusterListener {
  readonly #watch = new Watch();
  readonly #settings: RunSettings;
  readonly #cluster: Cluster;
  readonly #faults: LiveFaults | null;
  readonly #ledger: Ledger;
  readonly #leaders = new Leaders();
  readonly #executions: ExecutionReader[];
  /** How often each replica was restarted. */
  readonly #lives: number[];
  readonly #down = new Set<ReplicaId>();
  readonly #lost: LostReplica[] = [];
  readonly #recorder: Recorder;
  readonly #lateness = createHistogram();
  readonly #violations: Violation[] = [];
  readonly #executedCommands: number[];
  readonly #work: (WorkDone | null)[];
  readonly #loadWork: WorkDone[] = [];
  /** Of loads whose throughput became steady in the warm-up: when. */
  readonly #transients: Micros[] = [];
  readonly #usage: (Usage | null)[];
  /** Of replicas that settle, the latest of each. */
  readonly #digests = new Map<ReplicaId, string>();
  readonly #history: string[] = [];
  /** By node that holds clients: how far the store is prepared. */
  readonly #prepared = new Map<number, { readonly done: number; readonly count: number }>();
  #loaded = 0;
  #started = 0;
  /** Loads whose clients have their replies. */
  #drained = 0;
  #failed = 0;
  #unknown = 0;
  #measured: Micros = 0;
  /** Until the first client was answered. */
  #recoveredAfter: Micros | null = null;
  #stage: Progress["phase"] = "start";
  #stageBegan = performance.now();

  constructor(create: ClusterFactory, settings: RunSettings) {
    const { replicas } = settings;
    this.#settings = settings;
    const restarts = settings.faults?.steps.some(({ fault }) => fault.type === "restart") ?? false;
    this.#ledger = new Ledger(replicas, { restarts });
    this.#executions = Array.from({ length: replicas }, (_, replica) => new ExecutionReader(this.#ledger, replica));
    this.#lives = Array.from({ length: replicas }, () => 0);
    this.#recorder = new Recorder(replicas);
    this.#executedCommands = Array.from({ length: replicas }, () => 0);
    this.#work = Array.from({ length: replicas }, () => null);
    this.#usage = Array.from({ length: replicas + settings.loads }, () => null);
    this.#cluster = create(settings, this);
    this.#faults = settings.faults && new LiveFaults(settings.faults, replicas, settings.initialLeader, this.#cluster);
  }

  async run(hooks: RunHooks, signal: AbortSignal | undefined): Promise<RunOutcome> {
    const cluster = this.#cluster;
    const look = (): void => this.#watch.look();
    const ticker = hooks.progress && setInterval(() => hooks.progress!(this.#progress()), progressInterval);
    signal?.addEventListener("abort", look);
    try {
      return await this.#lead(() => signal?.aborted ?? false);
    } finally {
      signal?.removeEventListener("abort", look);
      clearInterval(ticker);
      this.#faults?.stop();
      await cluster.terminate();
    }
  }

  // --- ClusterListener ---

  reported(node: number, report: Report): void {
    this.#take(node, report);
    this.#watch.look();
  }

  killed(replica: ReplicaId): void {
    this.#down.add(replica);
    this.#ledger.gone(replica);
    this.#digests.delete(replica);
    this.#watch.look();
  }

  lost(replica: ReplicaId, reason: string): void {
    this.#lost.push({ replica, reason });
    this.#faults?.lost(replica);
  }

  restarted(replica: ReplicaId): void {
    this.#down.delete(replica);
    this.#lives[replica]!++;
    this.#ledger.restart(replica);
    this.#executions[replica] = new ExecutionReader(this.#ledger, replica);
    this.#faults?.restarted(replica);
  }

  failed(name: string, reason: unknown): void {
    if (reason instanceof UsageError) return this.#watch.fail(new UsageError(`${name}: ${reason.message}`));
    const text = reason instanceof Error ? reason.message : String(reason);
    this.#watch.fail(new Error(`${name} failed: ${text}`, { cause: reason }));
  }

  changed(): void {
    this.#watch.look();
  }

  // --- Inside. ---

  async #lead(aborted: () => boolean): Promise<RunOutcome> {
    const { replicas, loads, duration } = this.#settings;
    const cluster = this.#cluster;
    const watch = this.#watch;

    await this.#require(() => this.#loaded === replicas + loads, startLimit, "not all nodes loaded their modules");
    cluster.enter(phase.start);
    await this.#require(() => this.#started === replicas, startLimit, "not all replicas started");

    this.#enter("load", phase.prepare);
    await this.#prepare(aborted);
    this.#enter("warm-up", phase.warmUp);
    const warmedUp = await this.#warmUp(aborted);
    this.#enter("measure", phase.measure);
    const before = threadCpu();
    const machine = machineMeter();
    this.#faults?.begin();
    await watch.until(aborted, duration);

    const judged = threadCpu() - before;
    this.#enter("drain", phase.drain);
    const machineUsage = machine();
    this.#faults?.end();
    const drained = (): boolean => this.#drained === loads;
    await watch.until(() => drained() || aborted(), drainLimit);
    if (aborted()) await watch.until(drained, interruptedDrainLimit);
    cluster.enter(phase.settle);
    await watch.until(() => this.#settled() || aborted(), drainLimit);
    const interrupted = aborted();

    cluster.enter(phase.stop);
    await this.#require(() => cluster.running === 0, stopLimit, "not all nodes ended");
    return {
      recorder: this.#recorder,
      lateness: this.#lateness,
      measured: this.#measured,
      warmedUp,
      ...this.#judge(interrupted),
      failed: this.#failed,
      unknown: this.#unknown,
      executedCommands: this.#executedCommands,
      work: { replicas: this.#work, loads: this.#loadWork, judge: { cpu: judged } },
      usage: this.#usage,
      machine: machineUsage,
      gone: [...this.#down].sort((a, b) => a - b),
      lost: this.#lost,
      interrupted,
      faults: this.#faults && { ...this.#faults.outcome, recoveredAfter: this.#recoveredAfter },
      history: this.#settings.history ? this.#history.join("") : null,
    };
  }

  async #prepare(aborted: () => boolean): Promise<void> {
    const over = (): boolean => aborted() || (this.#prepared.size === this.#settings.loads && this.#sumPrepared("done") === this.#sumPrepared("count"));
    for (let before = -1; !over(); ) {
      const done = this.#sumPrepared("done");
      if (done === before) throw new Error(`of what the workload wants to be there, nothing was answered within ${prepareLimit / second} s`);
      before = done;
      await this.#watch.until(() => over() || this.#sumPrepared("done") > before, prepareLimit);
    }
  }

  #sumPrepared(what: "done" | "count"): number {
    return [...this.#prepared.values()].reduce((sum, each) => sum + each[what], 0);
  }

  async #warmUp(aborted: () => boolean): Promise<WarmedUp> {
    const { loads, warmup, untilSteady } = this.#settings;
    const began = performance.now();
    const steady = (): boolean => untilSteady && this.#transients.length === loads;
    await this.#watch.until(() => steady() || aborted(), warmup);
    const took = untilSteady ? Math.round((performance.now() - began) * 1000) : warmup;
    return { took, transient: steady() ? Math.max(...this.#transients) : null };
  }

  async #require(done: () => boolean, limit: Micros, complaint: string): Promise<void> {
    if (!(await this.#watch.until(done, limit))) throw new Error(`${complaint} within ${limit / second} s`);
  }

  #enter(stage: Progress["phase"], entered: (typeof phase)["prepare" | "warmUp" | "measure" | "drain"]): void {
    this.#stage = stage;
    this.#stageBegan = performance.now();
    this.#cluster.enter(entered);
  }

  #progress(): Progress {
    const elapsed = Math.round((performance.now() - this.#stageBegan) * 1000);
    const count = this.#sumPrepared("count");
    return { phase: this.#stage, elapsed, completed: this.#cluster.completed, prepared: count === 0 ? 0 : this.#sumPrepared("done") / count };
  }

  /** Every replica that can has told its state. */
  get #allTold(): boolean {
    return this.#digests.size === (this.#faults?.expected ?? this.#settings.replicas - this.#down.size);
  }

  /** By client number: every load has every loads-th. */
  #acknowledge(node: number, answered: readonly number[]): void {
    const { replicas, loads } = this.#settings;
    for (const [place, requests] of answered.entries()) this.#ledger.acknowledged(node - replicas + place * loads, requests);
  }

  /** States may be the same while the last command, which changes nothing, is still on its way to some replica. */
  #settled(): boolean {
    return (
      this.#allTold &&
      this.#divergences().length === 0 &&
      this.#ledger.judgeDurability(this.#digests.keys()).length === 0
    );
  }

  #judge(interrupted: boolean): Pick<RunOutcome, "violations" | "undecided"> {
    const divergences = interrupted ? [] : this.#divergences();
    // What a replica that lags, or a cluster that decides nothing any more, has not executed yet is not lost.
    const judged = !interrupted && this.#allTold;
    const caughtUp = judged && this.#failed + this.#unknown === 0 && divergences.length === 0;
    return {
      violations: [
        ...this.#violations, ...this.#leaders.violations, ...this.#ledger.violations,
        ...divergences, ...(caughtUp ? this.#ledger.judgeDurability(this.#digests.keys()) : []),
      ],
      undecided: [
        "agreement", "invariants",
        ...(this.#leaders.judged ? [] : ["leaders"] as const),
        ...(judged ? [] : ["converged"] as const),
        ...(caughtUp ? [] : ["durable"] as const),
      ],
    };
  }

  /** Digests arrive in any order; the judge compares all with the first. */
  #divergences(): Violation[] {
    if (!this.#settings.orders) return [];
    return judgeConvergence(new Map([...this.#digests].sort(([a], [b]) => a - b)));
  }

  #take(node: number, report: Report): void {
    switch (report.type) {
      case "loaded":
        this.#loaded++;
        return;
      case "started":
        this.#started++;
        return;
      case "prepared":
        this.#prepared.set(node, report);
        return;
      case "drained":
        this.#drained++;
        return this.#acknowledge(node, report.answered);
      case "executed":
        return this.#executions[node]!.take(report.chunk);
      case "history":
        this.#history.push(report.jsonLines);
        return;
      case "led":
        if (this.#faults !== null) this.#faults.leader = node;
        return this.#leaders.led(node, this.#lives[node]!, report.ballot);
      case "violated":
        this.#violations.push({ check: "exactlyOnce", detail: `replica ${node}: ${report.detail}` });
        return;
      case "settled":
        this.#digests.set(node, report.digest);
        return;
      case "steady":
        this.#transients.push(report.transient);
        return;
      case "usage":
        this.#usage[node] = report.usage;
        return;
      case "lateness":
        this.#lateness.add(decodedHistogram(report.histogram));
        return;
      case "replica":
        this.#executedCommands[node] = report.executedCommands;
        this.#work[node] = report.work;
        return this.#recorder.add(recorderOf(report.recording, this.#settings.replicas));
      case "clients":
        this.#failed += report.failed;
        this.#unknown += report.open;
        this.#recoveredAfter = earliest(this.#recoveredAfter, report.recoveredAfter);
        if (report.work !== null) this.#loadWork.push(report.work);
        this.#measured = Math.max(this.#measured, report.measured);
        return this.#recorder.add(recorderOf(report.recording, this.#settings.replicas));
    }
  }
}

const earliest = (one: Micros | null, other: Micros | null): Micros | null =>
  one === null || other === null ? one ?? other : Math.min(one, other);
