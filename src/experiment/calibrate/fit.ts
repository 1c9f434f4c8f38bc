/** From what replicas did, and the CPU time it took them, to what each thing costs. */
import { workKinds, type Work, type WorkKind } from "../../measure/work.ts";

export interface Sample {
  readonly protocol: string;
  /** µs. */
  readonly cpu: number;
  readonly done: Work;
}

export type Fitted = Readonly<Partial<Record<WorkKind, number>>>;

export interface Fit {
  /** µs; of any protocol. */
  readonly shared: Fitted;
  /** By protocol. */
  readonly own: Readonly<Record<string, Fitted>>;
}

/** What differs by protocol; moving bytes and turning round is the host's affair. */
const ownKinds: readonly WorkKind[] = ["receive", "send", "request", "execute"];

/**
 * Least squares of the *relative* error of each sample's CPU time, no cost below 0: without that bound kinds of work that come
 * together, such as messages and reads at low load, would be told apart by noise.
 */
export const fitCosts = (samples: readonly Sample[]): Fit => {
  const protocols = [...new Set(samples.map(({ protocol }) => protocol))].sort();
  const unknowns = [
    ...workKinds.filter((kind) => !ownKinds.includes(kind)).map((kind) => ({ kind, protocol: null })),
    ...protocols.flatMap((protocol) => ownKinds.map((kind) => ({ kind, protocol }))),
  ];
  const rows = samples.map((sample) =>
    unknowns.map(({ kind, protocol }) => (protocol === null || protocol === sample.protocol ? sample.done[kind] / sample.cpu : 0)),
  );
  const solution = nonNegativeLeastSquares(rows, rows.map(() => 1));
  const costsOf = (wanted: string | null): Fitted =>
    Object.fromEntries(unknowns.flatMap(({ kind, protocol }, place) => (protocol === wanted ? [[kind, significant(solution[place]!)]] : [])));
  return { shared: costsOf(null), own: Object.fromEntries(protocols.map((protocol) => [protocol, costsOf(protocol)])) };
};

/** Three digits, of ns: more would only tell of chance. */
export const significant = (value: number): number => (value < 1e-5 ? 0 : Number(value.toPrecision(3)));

const sweeps = 100_000;
const precision = 1e-10;

/** min |A x − b| with no x below 0, by cyclic coordinate descent, which converges as the problem is convex. */
export const nonNegativeLeastSquares = (rows: readonly (readonly number[])[], right: readonly number[]): number[] => {
  const width = rows[0]?.length ?? 0;
  // Columns of length 1, else those of large numbers would drown the others.
  const scale = Array.from({ length: width }, (_, i) => Math.hypot(...rows.map((row) => row[i]!)) || 1);
  const gram = scale.map((si, i) => scale.map((sj, j) => rows.reduce((sum, row) => sum + (row[i]! / si) * (row[j]! / sj), 0)));
  const target = scale.map((si, i) => rows.reduce((sum, row, at) => sum + (row[i]! / si) * right[at]!, 0));
  const x = scale.map(() => 0);
  const used = scale.flatMap((_, i) => (gram[i]![i]! > 0 ? [i] : []));
  for (let sweep = 0, moved = Infinity; sweep < sweeps && moved > precision; sweep++) {
    moved = 0;
    for (const i of used) {
      const slope = target[i]! - gram[i]!.reduce((sum, entry, j) => sum + entry * x[j]!, 0);
      const next = Math.max(0, x[i]! + slope / gram[i]![i]!);
      moved = Math.max(moved, Math.abs(next - x[i]!));
      x[i] = next;
    }
  }
  return x.map((value, i) => value / scale[i]!);
};
