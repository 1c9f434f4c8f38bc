import { distinct } from "./list.ts";

/** How a series looks, the same in every figure and on every page. */
export interface Look {
  readonly colour: string;
  readonly shape: string;
  readonly dash: readonly number[];
}

// Okabe and Ito's palette, told apart with any colour vision, then two of Tol's that are as far from it. Okabe and Ito's
// black is kept for the theoretical floor, and their yellow is too faint on white paper.
const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#332288"];

// Seven of each beside eight colours, so that both together repeat only after 56 places. Each also tells the series
// apart alone, for a print without colour.
const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"];
const dashes = [[], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [14, 3], [9, 3, 2, 3, 2, 3]];
const places = colours.length * shapes.length;

/** The place of each protocol among all looks. */
export type Casting = ReadonlyMap<string, number>;

/**
 * `known`: protocols that come with paxbench, in an order that does not change; they have the first places, on every page.
 * A stranger's place follows from its name, among colours that none of them has while there are such; the next one, where
 * another stranger of the same page has it.
 */
export function cast(protocols: Iterable<string>, known: readonly string[]): Casting {
  const taken = new Map(known.map((protocol, place) => [protocol, place]));
  const free = known.length < colours.length ? known.length : 0;
  for (const protocol of distinct(protocols).sort()) {
    if (taken.has(protocol)) continue;
    const used = new Set([...taken.values()].map((place) => place % places));
    let place = free + (hash(protocol) % (colours.length - free));
    while (used.size < places && used.has(place)) place = (place + 1) % places;
    taken.set(protocol, place);
  }
  return taken;
}

/** `variant`: of several sets of options of one protocol, which; they share its hue. */
export function look(place: number, variant = 0): Look {
  return { colour: shade(at(colours, place), variant), shape: at(shapes, place + variant), dash: at(dashes, place + variant) };
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length]!;
}

/** FNV-1a. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const character of text) sum = Math.imul(sum ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return sum;
}

/** The colour itself, then by turns darker and lighter. */
function shade(colour: string, variant: number): string {
  const share = [0, 0.45, 0.4][variant % 3]!;
  const towards = variant % 3 === 1 ? 0 : 255;
  const mixed = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16)).map((part) => Math.round(part + (towards - part) * share));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("").toUpperCase()}`;
}
