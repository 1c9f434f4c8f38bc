import { advance } from "../font.ts";

/** Px: no text is smaller. */
export const textSize = 12;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
// What our font lacks, a reader's machine writes with another, whose widest letters are square.
const foreign = /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]|\p{Extended_Pictographic}/u;

const known = new Map<string, number>();

const widthOf = (letter: string): number => {
  let width = known.get(letter);
  if (width === undefined) known.set(letter, (width = foreign.test(letter) ? 1.3 * textSize : advance(letter, textSize)));
  return width;
};

/** `text` and its width, px; where it is wider than `width` without its middle: the end says as much as the beginning. */
export const fitted = (text: string, width: number): { readonly text: string; readonly width: number } => {
  const letters = Array.from(graphemes.segment(text), ({ segment }) => segment);
  const widths = letters.map(widthOf);
  const total = widths.reduce((sum, letter) => sum + letter, 0);
  if (total <= width) return { text, width: total };
  const room = width - textSize;
  let used = 0;
  let head = 0;
  let tail = 0;
  while (head + tail < letters.length) {
    const next = widths[head <= tail ? head : letters.length - 1 - tail]!;
    if (used + next > room) break;
    used += next;
    if (head <= tail) head++;
    else tail++;
  }
  return { text: `${letters.slice(0, head).join("")}…${letters.slice(letters.length - tail).join("")}`, width: used + textSize };
};
