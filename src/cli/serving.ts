import { writeSync } from "node:fs";
import { UsageError } from "../core/errors.ts";
import { failedIo } from "../runtime/processes/config.ts";


const orphaned = (): never => process.exit(0);

/** What may be wrong with the address at which a node should listen. */
const unusable: ReadonlySet<string> = new Set(["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * Runs a node until it is told to end: by a signal, or by the end of the `paxbench run` that started it, whose channel
 * closes with it. That one hears Ctrl-C too, and decides for its nodes. Throws a `UsageError` if the node cannot listen.
 * `fail` ends it on the spot, with one line.
 */
export const serving = async (serve: (fail: (error: Error) => void) => Promise<void>): Promise<void> => {
  const attended = process.connected as boolean | undefined; // not there without a parent of ours
  if (attended === false) process.exit(0); // it ended before we looked
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => attended ?? process.exit(0));
  process.on("disconnect", orphaned);
  try {
    await serve((error) => {
      writeSync(process.stderr.fd, `paxbench: stopped: ${error.message}\n`);
      process.exit(failedIo);
    });
  } catch (error) {
    process.off("disconnect", orphaned); // it would keep the process
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && unusable.has(code)) throw new UsageError(message);
    throw error;
  }
};
