import { UsageError } from "../core/errors.ts";
import { RunFailure } from "../experiment/experiment.ts";
import type { ResultFolder } from "../experiment/result-folder.ts";
import type { Command } from "./command.ts";
import type { ProgressLine } from "./progress.ts";
import { checkFailed, interrupted } from "./show-results.ts";

/**
 * Runs what fills a result folder, and answers for how it ends: `work` resolves to whether all was done; a run that fails is
 * told, and what was measured before it is kept. Throws a `UsageError` that came before anything was measured, without a trace.
 */
export const intoFolder = async (command: Command, folder: ResultFolder, line: ProgressLine, work: () => Promise<boolean>): Promise<void> => {
  try {
    if (await work()) folder.complete();
    else process.exitCode = interrupted;
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    if (error.cause instanceof UsageError && folder.result.runs.length === 0) {
      folder.discard();
      line.clear();
      throw error.cause;
    }
    process.exitCode = checkFailed;
    line.clear();
    command.logToStderr(`paxbench: ${error.message}\n${error.origin}\nreplay: ${error.replay}`);
  }
  line.clear();
};
