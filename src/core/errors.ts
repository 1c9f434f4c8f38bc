/**
 * A mistake of the person at the keyboard: a flag, a file, a module that is not what it should be.
 * The message is one line: what is wrong, where, what is allowed. The command line prints it and exits with 2.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
