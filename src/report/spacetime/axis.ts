import type { Micros } from "../../core/ids.ts";

/** Something that wants a place on the axis, in the order in which things happened. */
export interface Mark {
  readonly at: Micros;
  /** What stands beside others of this column needs a row of its own there; null: it takes no room. */
  readonly column: number | null;
  /** Rows it keeps free above it. */
  readonly above?: number;
}

export interface Axis {
  /** By mark: px from the top, never falling. */
  readonly ys: readonly number[];
  readonly height: number;
  /** Where a time is that no mark may have. */
  place(at: Micros): number;
  /** Stretches in which nothing happens, told rather than drawn. */
  readonly gaps: readonly { readonly from: Micros; readonly until: Micros; readonly y: number }[];
}

const row = 15;
/** A longer idle time is a gap. */
const idle: Micros = 300_000;
const gapHeight = 34;

/**
 * Time as rows: later is lower, and a longer while is a longer way, but only up to a point, so that hours in which
 * nothing happens take no more room than a moment in which much does.
 */
export const axisOf = (marks: readonly Mark[], top: number): Axis => {
  const last = new Map<number, number>();
  const gaps: { from: Micros; until: Micros; y: number }[] = [];
  const ys: number[] = [];
  let [y, now] = [top, marks[0]?.at ?? 0];
  for (const { at, column, above = 0 } of marks) {
    const passed = at - now;
    if (passed > idle) {
      gaps.push({ from: now, until: at, y: y + gapHeight / 2 + 4 });
      y += gapHeight + 8;
    } else if (passed > 0) {
      y += Math.min(26, 3 + passed / 4000);
    }
    now = at;
    y += above * row;
    if (column !== null) {
      y = Math.max(y, (last.get(column) ?? -Infinity) + row);
      last.set(column, y);
    }
    ys.push(y);
  }
  const place = (at: Micros): number => {
    const next = firstAfter(marks, at);
    if (next === 0) return top;
    const [before, y0] = [marks[next - 1]!, ys[next - 1]!];
    if (next === marks.length) return at === before.at ? y0 : y + row;
    const share = (at - before.at) / (marks[next]!.at - before.at);
    return y0 + share * (ys[next]! - y0);
  };
  return { ys, height: y + 2 * row, place, gaps };
};

/** The place of the first mark that is later than `at`. */
const firstAfter = (marks: readonly Mark[], at: Micros): number => {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]!.at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
};
