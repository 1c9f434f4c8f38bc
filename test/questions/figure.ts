/** Draws a figure of docs/questions.md into docs/images. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TopLevelSpec } from "vega-lite";
import { toSvg } from "../../src/report/draw.ts";
import { titled } from "../../src/report/theme.ts";

export const drawTo = async (name: string, title: string, conditions: readonly string[], spec: object): Promise<void> => {
  const svg = await toSvg({ ...titled(title, [...conditions]), ...spec } as TopLevelSpec);
  writeFileSync(fileURLToPath(new URL(`../../docs/images/${name}.svg`, import.meta.url)), svg);
};
