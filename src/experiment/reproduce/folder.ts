/** What a reproduction leaves behind. */
import { stringify } from "csv-stringify/sync";
import type { ResultFolder } from "../result-folder.ts";
import type { ReproductionFile } from "./reproduction.ts";

const columns = [
  "figure", "series", "at", "unit", "relativeTo", "printed", "readOffPlot", "paper", "error", "atLeast", "theory", "ours", "low", "high", "measured",
  "offPaper", "offTheory", "agrees", "note", "remark",
] as const;

/** `reproduction.json`, and `points.csv` with a row for each value of a paper. */
export const writeReproduction = (folder: ResultFolder, file: ReproductionFile): void => {
  folder.write("reproduction.json", `${JSON.stringify(file, null, 2)}\n`);
  const rows = file.figures.flatMap(({ id, unit, relativeTo, points }) =>
    points.map((point) => ({
      ...point, figure: id, unit, relativeTo, low: point.range?.[0], high: point.range?.[1],
      readOffPlot: String(point.readOffPlot), atLeast: String(point.atLeast), agrees: String(point.agrees ?? ""),
    })),
  );
  folder.write("points.csv", stringify(rows, { header: true, columns: [...columns] }));
};
