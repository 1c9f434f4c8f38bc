import type { CommandId } from "../core/command.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { OperationResult } from "../core/operation.ts";
import type { Note } from "../core/protocol.ts";

/** What an engine asks of the place it runs in. Byte buffers are valid during the call only. */
export interface EngineHost {
  transmit(to: ReplicaId, bytes: Uint8Array, length: number): void;
  /** Appends a record to the journal; true if it is durable already, else `Engine.durable` is called later. */
  append(bytes: Uint8Array, length: number): boolean;
  /** Timers are numbered as in `Protocol.timers`. */
  setTimer(timer: number, delay: Micros): void;
  clearTimer(timer: number): void;
  /** `result` is null when the request was rejected: it has not taken effect here and will not by this attempt. */
  respond(client: number, sequence: number, result: OperationResult | null): void;
}

/** What measures and judges see of an engine. */
export interface Observer {
  /** The protocol's `commit`, of any command or no-op. */
  decided(position: number, command: CommandId, attributes: readonly number[]): void;
  /** So many requests that arrived here were decided, or executed, each `latency` µs after its arrival. */
  committed(latency: Micros, requests: number): void;
  executed(latency: Micros, requests: number): void;
  /** A request took effect on a key of this replica's store; `further`: it was told of another key just before. */
  applied(key: string, readOnly: boolean, client: number, sequence: number, further: boolean): void;
  /** A request read what this replica's store holds, whatever the keys. */
  scanned(client: number, sequence: number): void;
  /** The protocol broke its contract. */
  violated(detail: string): void;
  noted(note: Note, value: number | undefined): void;
}
