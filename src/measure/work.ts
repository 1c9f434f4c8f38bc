/**
 * What a replica does, in kinds that cost CPU time; docs/costs.md says what each is. From `turn` to `write`: what it takes to
 * do anything at all; the others: what one thing more takes.
 */
export const workKinds = ["turn", "read", "write", "receive", "send", "byteIn", "byteOut", "request", "execute", "record", "sync"] as const;
export type WorkKind = (typeof workKinds)[number];

/** How often a replica did what. */
export type Work = Readonly<Record<WorkKind, number>>;

/** What a node did, and the CPU time that it took, µs. */
export interface WorkDone {
  readonly cpu: number;
  readonly done: Work;
}

const nothing: Work = { turn: 0, read: 0, write: 0, receive: 0, send: 0, byteIn: 0, byteOut: 0, request: 0, execute: 0, record: 0, sync: 0 };

/** What was done between the two. */
export const workSince = (earlier: WorkDone, later: WorkDone): WorkDone => ({
  cpu: later.cpu - earlier.cpu,
  done: Object.fromEntries(workKinds.map((kind) => [kind, later.done[kind] - earlier.done[kind]])) as Record<WorkKind, number>,
});

/** Counts a replica's work, turn by turn. */
export class WorkCounter {
  readonly #done: Record<WorkKind, number> = { ...nothing };
  /** The number of the clients' node: replicas have those below. */
  readonly #clients: number;
  /** In this turn; nodes as bits. */
  #read = 0;
  #written = 0;
  #persisted = false;

  constructor(replicas: number) {
    this.#clients = replicas;
  }

  /** Up to now, the turn under way included. */
  get done(): Work {
    return this.#done;
  }

  snapshot(): Work {
    return { ...this.#done };
  }

  received(from: number, bytes: number): void {
    this.#readFrom(from);
    this.#done.receive++;
    this.#done.byteIn += bytes;
  }

  requested(bytes: number): void {
    this.#readFrom(this.#clients);
    this.#done.request++;
    this.#done.byteIn += bytes;
  }

  sent(to: number, bytes: number): void {
    this.#writeTo(to);
    this.#done.send++;
    this.#done.byteOut += bytes;
  }

  replied(): void {
    this.#writeTo(this.#clients);
  }

  executed(requests = 1): void {
    this.#done.execute += requests;
  }

  persisted(bytes: number): void {
    if (!this.#persisted) this.#done.sync++;
    this.#persisted = true;
    this.#done.record++;
    this.#done.byteOut += bytes;
  }

  endTurn(): void {
    this.#done.turn++;
    this.#read = 0;
    this.#written = 0;
    this.#persisted = false;
  }

  #readFrom(node: number): void {
    const bit = 1 << node;
    if ((this.#read & bit) === 0) this.#done.read++;
    this.#read |= bit;
  }

  #writeTo(node: number): void {
    const bit = 1 << node;
    if ((this.#written & bit) === 0) this.#done.write++;
    this.#written |= bit;
  }
}
