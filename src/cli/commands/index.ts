import type { Command } from "../command.ts";

/** Every command under its name on the command line. */
export default {} satisfies Record<string, typeof Command>;
