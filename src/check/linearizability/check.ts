import type { Limits } from "./limits.ts";
import type { Interval, Model } from "./model.ts";
import { partition, type Partition } from "./partitions.ts";
import { Decision } from "./decision.ts";
import { explain, type Witness } from "./witness.ts";

export type Verdict<Op> =
  | { readonly linearizable: true }
  | { readonly linearizable: false; readonly witness: Witness<Op> }
  /** `keys` are left undecided, none of the others is refuted. */
  | { readonly linearizable: "unknown"; readonly reason: "time" | "memory"; readonly keys: readonly string[] };

/** Operations tried in one partition before the next has its turn: about a millisecond. */
const turn = 4096;

/** A history to decide. It has a search from its first turn until it is decided or out of memory. */
interface Task<Op extends Interval> {
  readonly partition: Partition<Op>;
  /** Whether it is all of a partition, or a part that can only refute it. */
  readonly whole: boolean;
  search: Decision<Op> | undefined;
}

/**
 * Judges whether `operations` can be put into an order that `model` allows and that keeps to real time (Herlihy and Wing,
 * "Linearizability: a correctness condition for concurrent objects", 1990). Partitions take turns, so that a hard one does
 * not hide another that is easily refuted; the first refutation ends the check. Where operations join keys, each key is
 * also looked at by itself, which costs little and refutes most of what can be refuted. A limit reached makes a verdict
 * "unknown", never true, and it is false only if some partition was refuted before.
 */
export const checkLinearizability = <Op extends Interval>(operations: readonly Op[], model: Model<Op>, limits: Limits): Verdict<Op> => {
  const outOfMemory: Partition<Op>[] = [];
  let bytes = 0;
  let passed = 0;
  let open = tasksOf(operations, model);
  while (open.length > 0) {
    const more: Task<Op>[] = [];
    for (const [i, task] of open.entries()) {
      if (limits.clock() >= limits.deadline) {
        const left = [...more, ...open.slice(i)].filter(({ whole }) => whole).map(({ partition }) => partition);
        return { linearizable: "unknown", reason: "time", keys: [...outOfMemory, ...left].flatMap(({ keys }) => keys) };
      }
      bytes -= task.search?.bytes ?? 0;
      if (task.whole) passed -= task.search?.deepest ?? 0;
      const search = (task.search ??= new Decision(task.partition.operations, model));
      const outcome = search.advance(turn);
      if (outcome === "none") return { linearizable: false, witness: explain(task.partition, model, search.deepest, limits) };
      if (outcome === "more" && bytes + search.bytes <= limits.memory) {
        bytes += search.bytes;
        if (task.whole) passed += search.deepest;
        more.push(task);
      } else {
        task.search = undefined;
        if (task.whole) passed += task.partition.operations.length;
        if (task.whole && outcome === "more") outOfMemory.push(task.partition);
      }
      limits.progress?.(passed / operations.length);
    }
    open = more;
  }
  if (outOfMemory.length === 0) return { linearizable: true };
  return { linearizable: "unknown", reason: "memory", keys: outOfMemory.flatMap(({ keys }) => keys) };
};

const tasksOf = <Op extends Interval>(operations: readonly Op[], model: Model<Op>): Task<Op>[] => {
  const partitions = partition(operations, model);
  const parts = partitions.flatMap(({ operations }) => model.projections(operations));
  return [
    ...parts.map(({ key, operations }) => ({ partition: { keys: [key], operations }, whole: false, search: undefined })),
    ...partitions.map((partition) => ({ partition, whole: true, search: undefined })),
  ];
};
