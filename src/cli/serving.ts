import { UsageError } from "../core/errors.ts";

/**
 * Runs a node until it is told to end: by a signal, or by the end of the `paxbench run` that started it, whose channel
 * closes with it. That one hears Ctrl-C too, and decides for its nodes. Throws a `UsageError` if the node cannot listen.
 */
export const serving = async (serve: () => Promise<void>): Promise<void> => {
  const attended = process.connected;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => attended || process.exit(0));
  process.on("disconnect", () => process.exit(0));
  try {
    await serve();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" || code === "EADDRNOTAVAIL" || code === "EACCES") throw new UsageError(message);
    throw error;
  }
};
