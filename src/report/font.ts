import { createRequire } from "node:module";
import { openSync } from "fontkit";

const { resolve } = createRequire(import.meta.url);
const regular = resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf");
const semibold = resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf");

export const fontFiles = [regular, semibold];

/** The width of a text in px, as the font itself has it. */
type Advance = (text: string, size: number) => number;

export const advance: Advance = advanceOf(regular);
export const boldAdvance: Advance = advanceOf(semibold);

function advanceOf(file: string): Advance {
  const font = openSync(file);
  if (!("layout" in font)) throw new Error(`${file}: a collection of fonts, not one`);
  return (text, size) => (font.layout(text).advanceWidth / font.unitsPerEm) * size;
}
