/**
 * The one execution history, kept outside the replicas. Each replica's executions are held against it as they happen:
 * writes of a key in one order everywhere, a read between the same two writes everywhere, a scan after the same writes of all
 * keys everywhere, no request twice.
 */
import { IntervalSet } from "../core/interval-set.ts";
import { firstReplicas, hasReplica, noReplicas, withoutReplica, withReplica, type ReplicaId, type ReplicaSet } from "../core/ids.ts";
import { hashText, mixBits } from "../core/random.ts";
import type { Violation } from "./violation.ts";

/** (client, sequence) in one number. Clients stay below 2^21. */
const requestOf = (client: number, sequence: number): number => client * 2 ** 32 + sequence;
const requestName = (request: number): string => `${Math.floor(request / 2 ** 32)}.${request % 2 ** 32}`;

/** A broken replica breaks every position after the first: more would only bury it. */
const reported = 10;
/** Positions of a key that every replica has passed are dropped in blocks of this size. */
const trimmed = 4096;

/** What was executed on one key. */
export interface KeyHistory {
  readonly key: string;
  readonly hash: number;
  /** Requests that wrote the key, in order; element 0 stands at position `dropped`. */
  writes: number[];
  /** Who executed a write first, for the message. */
  firstBy: ReplicaId[];
  dropped: number;
  /** Writes executed, by replica. */
  readonly positions: number[];
  /** Reads: after how many writes, and at which replica that was seen first. Kept while some replica lacks the read. */
  readonly reads: Map<number, { readonly position: number; readonly by: ReplicaId; seenBy: ReplicaSet }>;
}

/** The writes that a replica has executed, of all keys, in any order: how many, and two sums of their hashes. */
interface Fingerprint {
  writes: number;
  low: number;
  high: number;
}

export class Ledger {
  readonly violations: Violation[] = [];
  readonly #replicas: number;
  readonly #everyone: ReplicaSet;
  /** Nothing is kept for them. */
  #gone = noReplicas;
  readonly #keepAll: boolean;
  readonly #keys = new Map<string, KeyHistory>();
  /** By replica. */
  readonly #written: Fingerprint[];
  /** Scans: after which writes, and at which replica that was seen first. Kept while some replica lacks the scan. */
  readonly #scans = new Map<number, Fingerprint & { readonly by: ReplicaId; seenBy: ReplicaSet }>();
  /** Of a client: how many of its first requests it was told took effect. */
  readonly #acknowledged = new Map<number, number>();
  /** Requests executed, by replica and client. */
  readonly #executed: IntervalSet[][];

  /** `restarts`: replicas may execute everything again from the start, so nothing can be dropped on the way. */
  constructor(replicas: number, { restarts }: { readonly restarts: boolean }) {
    this.#replicas = replicas;
    this.#everyone = firstReplicas(replicas);
    this.#keepAll = restarts;
    this.#executed = Array.from({ length: replicas }, () => []);
    this.#written = Array.from({ length: replicas }, nothingWritten);
  }

  /** `replica` begins a new life with an empty store. */
  restart(replica: ReplicaId): void {
    this.#gone = withoutReplica(this.#gone, replica);
    this.#executed[replica] = [];
    this.#written[replica] = nothingWritten();
    for (const history of this.#keys.values()) history.positions[replica] = 0;
  }

  /**
   * `replica` is down, for good unless it restarts. What it executed and has not told yet is still held against what is
   * there, but nothing is kept for it.
   */
  gone(replica: ReplicaId): void {
    this.#gone = withReplica(this.#gone, replica);
    if (this.#keepAll) return;
    for (const history of this.#keys.values()) dropWhere(history.reads, ({ seenBy }) => this.#isPassed(seenBy));
    dropWhere(this.#scans, ({ seenBy }) => this.#isPassed(seenBy));
  }

  /** `further`: on another key, this execution was told of already. */
  executed(replica: ReplicaId, key: string, readOnly: boolean, client: number, sequence: number, further = false): void {
    this.executedOn(this.historyOf(key), replica, readOnly, client, sequence, further);
  }

  /** For those who name a key again and again. */
  historyOf(key: string): KeyHistory {
    let history = this.#keys.get(key);
    if (history === undefined) {
      const positions = Array.from({ length: this.#replicas }, () => 0);
      history = { key, hash: hashText(key), writes: [], firstBy: [], dropped: 0, positions, reads: new Map() };
      this.#keys.set(key, history);
    }
    return history;
  }

  executedOn(history: KeyHistory, replica: ReplicaId, readOnly: boolean, client: number, sequence: number, further: boolean): void {
    const request = requestOf(client, sequence);
    if (!further && !this.#isFirst(replica, client, sequence)) {
      this.#violated("exactlyOnce", `key "${history.key}": replica ${replica} executed request ${requestName(request)} twice`);
    }
    if (readOnly) return this.#read(replica, history, request);
    addWrite(this.#written[replica]!, history.hash, client, sequence);
    this.#write(replica, history, request);
  }

  /** `client` was told that its first `requests` requests took effect: of what a replica that was killed executed, nobody else may know. */
  acknowledged(client: number, requests: number): void {
    this.#acknowledged.set(client, requests);
  }

  /** What took effect anywhere, so all that a client was told of, and that one of `replicas` lacks in its present life. */
  judgeDurability(replicas: Iterable<ReplicaId>): Violation[] {
    const violations: Violation[] = [];
    for (const replica of replicas) {
      for (const [client, requests] of this.#acknowledged) {
        const missing = this.#executed[replica]![client]?.firstGap ?? 0;
        if (missing >= requests) continue;
        const detail = `replica ${replica} ended without request ${client}.${missing}, which was acknowledged`;
        violations.push({ check: "durable", detail });
        if (violations.length === reported) return violations;
      }
      for (const [key, { writes, firstBy, dropped, positions }] of this.#keys) {
        const at = positions[replica]! - dropped;
        if (at >= writes.length) continue;
        const detail =
          `key "${key}": replica ${replica} ended without the last ${writes.length - at} of ${dropped + writes.length} writes, ` +
          `from ${requestName(writes[at]!)} on, which replica ${firstBy[at]} had executed`;
        violations.push({ check: "durable", detail });
        if (violations.length === reported) return violations;
      }
    }
    return violations;
  }

  /** A read of all keys at once. */
  scanned(replica: ReplicaId, client: number, sequence: number): void {
    const request = requestOf(client, sequence);
    if (!this.#isFirst(replica, client, sequence)) {
      this.#violated("exactlyOnce", `replica ${replica} executed scan ${requestName(request)} twice`);
    }
    const written = this.#written[replica]!;
    const first = this.#scans.get(request);
    if (first === undefined) {
      if (!hasReplica(this.#gone, replica)) this.#scans.set(request, { ...written, by: replica, seenBy: withReplica(noReplicas, replica) });
      return;
    }
    if (written.low !== first.low || written.high !== first.high || written.writes !== first.writes) {
      const others = written.writes === first.writes ? "others" : String(first.writes);
      this.#violated(
        "ledger",
        `replica ${replica} executed scan ${requestName(request)} after ${written.writes} writes, but replica ${first.by} after ${others}`,
      );
    }
    first.seenBy = withReplica(first.seenBy, replica);
    if (this.#isPassed(first.seenBy)) this.#scans.delete(request);
  }

  /** Nobody is expected to execute it any more. */
  #isPassed(seenBy: ReplicaSet): boolean {
    return !this.#keepAll && (seenBy | this.#gone) === this.#everyone;
  }

  #isFirst(replica: ReplicaId, client: number, sequence: number): boolean {
    return (this.#executed[replica]![client] ??= new IntervalSet()).add(sequence);
  }

  #write(replica: ReplicaId, history: KeyHistory, request: number): void {
    const position = history.positions[replica]!++;
    const at = position - history.dropped;
    if (at < 0) return; // of one that is gone: the others passed it long ago
    if (at === history.writes.length) {
      history.writes.push(request);
      history.firstBy.push(replica);
    } else if (history.writes[at] !== request) {
      this.#violated(
        "ledger",
        `key "${history.key}" position ${position}: replica ${replica} executed ${requestName(request)}, ` +
          `but replica ${history.firstBy[at]} executed ${requestName(history.writes[at]!)} there before`,
      );
    }
    if (at > 0 && at % trimmed === 0 && !this.#keepAll) this.#trim(history);
  }

  #read(replica: ReplicaId, history: KeyHistory, request: number): void {
    const position = history.positions[replica]!;
    const first = history.reads.get(request);
    if (first === undefined) {
      if (!hasReplica(this.#gone, replica)) history.reads.set(request, { position, by: replica, seenBy: withReplica(noReplicas, replica) });
    } else {
      if (first.position !== position) {
        this.#violated(
          "ledger",
          `key "${history.key}": replica ${replica} executed read ${requestName(request)} after ${position} writes, ` +
            `but replica ${first.by} after ${first.position}`,
        );
      }
      first.seenBy = withReplica(first.seenBy, replica);
      if (this.#isPassed(first.seenBy)) history.reads.delete(request);
    }
  }

  #trim(history: KeyHistory): void {
    const positions = history.positions.filter((_, replica) => !hasReplica(this.#gone, replica));
    const passed = Math.min(...positions, history.dropped + history.writes.length) - history.dropped;
    if (passed < trimmed / 2) return;
    history.writes = history.writes.slice(passed);
    history.firstBy = history.firstBy.slice(passed);
    history.dropped += passed;
  }

  #violated(check: Violation["check"], detail: string): void {
    if (this.violations.length < reported) this.violations.push({ check, detail });
  }
}

const dropWhere = <T>(map: Map<number, T>, dropped: (value: T) => boolean): void => {
  for (const [key, value] of map) if (dropped(value)) map.delete(key);
};

const nothingWritten = (): Fingerprint => ({ writes: 0, low: 0, high: 0 });

const addWrite = (written: Fingerprint, keyHash: number, client: number, sequence: number): void => {
  written.writes++;
  written.low = (written.low + mixBits(mixBits(keyHash ^ sequence) ^ client)) | 0;
  written.high = (written.high + mixBits(mixBits(keyHash + client) ^ Math.imul(sequence, 0x9e3779b1))) | 0;
};
