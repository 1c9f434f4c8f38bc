import type { Histogram } from "hdr-histogram-js";
import type { Micros } from "../core/ids.ts";
import type { Note } from "../core/protocol.ts";
import { createHistogram, merged, record, recordedKinds, type RecordedKind } from "./latency.ts";

/** Counts of one run, over its measured window. */
export interface Counts {
  /** Requests answered, and how many of them were on a key that clients share. */
  completed: number;
  shared: number;
  /** Commands that their command leader committed on the fast and on the slow path. */
  fast: number;
  slow: number;
  leaderChanges: number;
  /** Between replicas; bytes without the transport's framing. */
  messages: number;
  bytes: number;
  /** Of an open loop: requests that were due, and those of them that were not sent, since too many were open. */
  arrived: number;
  dropped: number;
  /** Longest time without a reply to any client. */
  longestStall: Micros;
}

/** µs. */
export const timelineWindow: Micros = 100_000;

/**
 * What one run measured, by site: a replica, its clients, or both. Nothing is recorded outside the window between `open` and
 * `close`, so that warm-up and drain leave no trace.
 */
export class Recorder {
  readonly counts: Counts = {
    completed: 0,
    shared: 0,
    fast: 0,
    slow: 0,
    leaderChanges: 0,
    messages: 0,
    bytes: 0,
    arrived: 0,
    dropped: 0,
    longestStall: 0,
  };
  /** Requests answered in each window of `timelineWindow` from the first on; the last one may be a part of one. */
  readonly timeline: number[] = [];
  readonly #sites: number;
  /** By site, made when first needed: a replica's own recorder sees one site of many. */
  readonly #histograms: Readonly<Record<RecordedKind, (Histogram | undefined)[]>> = { commit: [], execute: [], response: [], late: [], coordinated: [] };
  #open = false;
  #opened: Micros = 0;
  #lastReply: Micros = 0;

  constructor(sites: number) {
    this.#sites = sites;
  }

  open(now: Micros): void {
    this.#open = true;
    this.#opened = now;
    this.#lastReply = now;
  }

  close(now: Micros): void {
    this.#stall(now);
    this.#answered(now, 0);
    this.#open = false;
  }

  /** Of so many requests. */
  latency(kind: "commit" | "execute", site: number, latency: Micros, requests = 1): void {
    if (this.#open) record(this.histogram(kind, site), latency, requests);
  }

  completed(site: number, latency: Micros, shared: boolean, now: Micros): void {
    if (!this.#open) return;
    record(this.histogram("response", site), latency);
    this.counts.completed++;
    if (shared) this.counts.shared++;
    this.#stall(now);
    this.#answered(now, 1);
  }

  /** Of an open loop: a request is sent so much after it was due. */
  arrived(site: number, late: Micros): void {
    if (!this.#open) return;
    this.counts.arrived++;
    record(this.histogram("late", site), late);
  }

  dropped(): void {
    if (!this.#open) return;
    this.counts.arrived++;
    this.counts.dropped++;
  }

  /** A closed-loop client would have measured this. */
  coordinated(site: number, sinceSent: Micros): void {
    if (this.#open) record(this.histogram("coordinated", site), sinceSent);
  }

  sent(bytes: number): void {
    if (!this.#open) return;
    this.counts.messages++;
    this.counts.bytes += bytes;
  }

  noted(note: Note): void {
    if (!this.#open) return;
    if (note === "leader") this.counts.leaderChanges++;
    else this.counts[note]++;
  }

  histogram(kind: RecordedKind, site: number): Histogram {
    return (this.#histograms[kind][site] ??= createHistogram());
  }

  total(kind: RecordedKind): Histogram {
    return merged(this.#histograms[kind].filter((histogram) => histogram !== undefined));
  }

  /** Adds what another recorder of the same run saw: each replica and each load thread has its own. */
  add(other: Recorder): void {
    for (const kind of recordedKinds) {
      for (let site = 0; site < this.#sites; site++) {
        const histogram = other.#histograms[kind][site];
        if (histogram !== undefined) this.histogram(kind, site).add(histogram);
      }
    }
    for (const [window, completed] of other.timeline.entries()) this.timeline[window] = (this.timeline[window] ?? 0) + completed;
    const { longestStall, ...sums } = other.counts;
    for (const [name, value] of Object.entries(sums)) this.counts[name as keyof typeof sums] += value;
    this.counts.longestStall = Math.max(this.counts.longestStall, longestStall);
  }

  #answered(now: Micros, requests: number): void {
    const window = Math.floor((now - this.#opened) / timelineWindow);
    while (this.timeline.length <= window) this.timeline.push(0);
    this.timeline[window]! += requests;
  }

  #stall(now: Micros): void {
    this.counts.longestStall = Math.max(this.counts.longestStall, now - this.#lastReply);
    this.#lastReply = now;
  }
}
