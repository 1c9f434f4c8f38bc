/** How a series looks, the same in every figure of a report. */
export interface Look {
  readonly colour: string;
  readonly shape: string;
  readonly dash: readonly number[];
}

// Okabe and Ito's palette, told apart with any colour vision. Its black is kept for the theoretical
// floor, and its yellow is too faint on white paper.
const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

// Seven of each beside six colours, so that both together repeat only after 42 series. Each also tells
// the series apart alone, for a print without colour.
const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"];
const dashes = [[], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [14, 3], [9, 3, 2, 3, 2, 3]];

export function look(index: number): Look {
  return { colour: at(colours, index), shape: at(shapes, index), dash: at(dashes, index) };
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length]!;
}
