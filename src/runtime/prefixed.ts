import type { KeyOperation, Operation } from "../core/operation.ts";
import type { OperationSource } from "../core/workload.ts";

/** A workload's operations, on keys of their own. */
export const prefixed = (source: OperationSource, prefix: string): OperationSource => ({
  next: (sequence, slot) => {
    const draw = source.next(sequence, slot);
    return { ...draw, operation: renamed(draw.operation, prefix) };
  },
});

export const renamed = (operation: Operation, prefix: string): Operation => {
  if (operation.type !== "txn") return { ...operation, key: prefix + operation.key };
  return { type: "txn", operations: operation.operations.map((each): KeyOperation => ({ ...each, key: prefix + each.key })) };
};
