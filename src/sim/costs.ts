/**
 * What a replica's work takes of its CPU, µs; none below 0. A replica is a serial server: what arrives while it is at work
 * waits, and is then taken in one turn, as in real time. docs/costs.md tells where such numbers come from.
 */
export interface Costs {
  /** From the first input at an idle replica to the beginning of its turn. The one time in here that is no work. */
  readonly wake: number;
  /** Of each turn, whatever it does. */
  readonly turn: number;
  /** Of each node from which something came in a turn; clients are one node. */
  readonly read: number;
  /** Of each node to which something goes in a turn. */
  readonly write: number;
  /** Of each message that another replica sent, and of each that goes to one. */
  readonly receive: number;
  readonly send: number;
  /** Of each byte of these messages, at each end, and of journal records. */
  readonly byte: number;
  /** Of each request of a client, with its reply. */
  readonly request: number;
  /** Of each request that is executed here, whoever took it. */
  readonly execute: number;
  /** Of each record for the journal, and of each turn that has any: one write, and a sync where there are syncs. */
  readonly record: number;
  readonly sync: number;
}

export const noCosts: Costs = {
  wake: 0, turn: 0, read: 0, write: 0, receive: 0, send: 0, byte: 0, request: 0, execute: 0, record: 0, sync: 0,
};
