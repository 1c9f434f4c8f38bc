import type { Spread } from "../spread.ts";
import { number } from "../text.ts";

/** "A", "A and B", "A, B and C". */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)!}`;
}

/** "482", or of several "482 [470, 490]" where the bounds differ as they are shown. */
export function bounded({ median, low, high }: Spread, text: (value: number) => string = number): string {
  return text(low) === text(high) ? text(median) : `${text(median)} [${text(low)}, ${text(high)}]`;
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
