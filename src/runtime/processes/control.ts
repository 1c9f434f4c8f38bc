/** What a run's leader and its nodes say to each other: orders as JSON, reports as Node serializes plain data. */
import { deserialize, serialize } from "node:v8";
import { DecodeError } from "../../core/bytes.ts";
import type { Phase } from "../phase.ts";
import type { Report } from "../reports.ts";
import type { RunSettings } from "../settings.ts";
import type { LinkCondition } from "../shaping.ts";

export type Order =
  /** A run begins: a node takes part in one at a time. */
  | { readonly type: "attach"; readonly settings: RunSettings }
  | { readonly type: "enter"; readonly phase: Phase }
  /** Something in the cluster is broken from now on, or nothing is any more. */
  | { readonly type: "sound"; readonly sound: boolean }
  /** What is wrong with the node's links from now on; those that are not named stay as they are. */
  | { readonly type: "conditions"; readonly links: readonly LinkCondition[] }
  /** Nothing else is new. */
  | { readonly type: "alive" };

export const encodeOrder = (order: Order): Uint8Array => Buffer.from(JSON.stringify(order));

/** Throws a `DecodeError`. */
export const decodeOrder = (bytes: Uint8Array): Order => {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as Order;
  } catch {
    throw new DecodeError("an order that is no JSON");
  }
};

export type NodeReport =
  | Report
  | { readonly type: "progressed"; readonly completed: number }
  | { readonly type: "alive" }
  /** The node cannot take part in the run. */
  | { readonly type: "declined"; readonly reason: string };

export const encodeReport = (report: NodeReport): Uint8Array => serialize(report);

/** Throws a `DecodeError`. */
export const decodeReport = (bytes: Uint8Array): NodeReport => {
  try {
    return deserialize(bytes) as NodeReport;
  } catch {
    throw new DecodeError("a report that cannot be read");
  }
};
