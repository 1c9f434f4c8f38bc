import { writeFileSync } from "node:fs";
import { Document, isMap, visit } from "yaml";
import { UsageError } from "../../core/errors.ts";
import type { CostFile } from "../cost-file.ts";
import type { Environment } from "../result.ts";
import type { Calibrated } from "./calibration.ts";

/** How the costs of a file came about. */
export interface Provenance {
  readonly command: string;
  readonly environment: Environment;
}

/** Throws a `UsageError` if it is there already, or cannot be written. */
export const writeCosts = (path: string, { file, errors }: Calibrated, { command, environment }: Provenance): void => {
  const content: CostFile & { readonly calibration: unknown } = {
    ...file,
    calibration: { command, environment, samples: errors.samples, cpuOffBy: { median: rounded(errors.median), most: rounded(errors.most) } },
  };
  const document = new Document(content);
  document.commentBefore = " µs of CPU; docs/costs.md tells what each is";
  // A line for each set of costs.
  visit(document, {
    Map(_, map) {
      if (map.items.every(({ value }) => !isMap(value))) map.flow = map !== document.contents;
    },
  });
  try {
    writeFileSync(path, document.toString({ lineWidth: 0 }), { flag: "wx" });
  } catch (error) {
    throw new UsageError(`--out ${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}); allowed is a new file`);
  }
};

const rounded = (share: number): number => Math.round(share * 1000) / 1000;
