import type { HistoryOperation } from "../history.ts";
import { isOnOneKey } from "./kv-steps.ts";
import type { Model } from "./model.ts";

/** How operations of a partition are told: with their key where there are several. */
export const describer =
  (keys: readonly string[], model: Model<HistoryOperation>) =>
  (operation: HistoryOperation): string =>
    keys.length > 1 && isOnOneKey(operation) ? `${JSON.stringify(operation.key)} ${model.describe(operation)}` : model.describe(operation);
