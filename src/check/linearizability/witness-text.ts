import type { HistoryOperation } from "../history.ts";
import { describer } from "./describer.ts";
import type { Model } from "./model.ts";
import type { Witness } from "./witness.ts";

/** Of a long prefix, its end: so many operations. */
const shown = 10;

/** A refutation for the terminal: how far an order goes, its end, and what cannot follow. Places in the history are lines. */
export const witnessText = (witness: Witness<HistoryOperation>, model: Model<HistoryOperation>): string => {
  const { keys, prefix, state, culprit, cannotFollow, open, exact } = witness;
  const describe = describer(keys, model);
  const end = prefix.slice(-shown);
  const placed = end.map(({ operation, returned, state }) => [
    ...columns(returned ? operation : { ...operation, returned: Infinity }, describe),
    `→ ${model.describeState(state)}`,
  ]);
  const name = keys.map((key) => JSON.stringify(key)).join(", ");
  const claim = exact
    ? `up to line ${culprit.returned - 1} there is an order; none has what returned on line ${culprit.returned}`
    : `no order; one that goes up to line ${culprit.returned - 1} is the longest found in time`;
  return [
    `key ${name}: ${claim}`,
    section(end.length < prefix.length ? `order, the last ${end.length} of ${prefix.length}` : "order", placed),
    `state: ${model.describeState(state)}`,
    section(
      "cannot follow",
      cannotFollow.map((operation) => columns(operation, describe)),
    ),
    section(
      "open at that line, could follow, but would not help",
      open.map((operation) => columns(operation, describe)),
    ),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
};

const columns = (operation: HistoryOperation, describe: (operation: HistoryOperation) => string): string[] => [
  `line ${operation.called}–${operation.returned === Infinity ? "?" : operation.returned}`,
  `process ${operation.client}`,
  describe(operation),
];

/** Columns padded to their widest cell; nothing at all without rows. */
const section = (title: string, rows: readonly (readonly string[])[]): string => {
  if (rows.length === 0) return "";
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [`${title}:`, ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd())].join("\n");
};
