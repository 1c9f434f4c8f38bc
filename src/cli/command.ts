import { Command as OclifCommand, Errors } from "@oclif/core";
import { UsageError } from "../core/errors.ts";

/**
 * What every command extends. It throws a UsageError for a mistake of the user, returns what `--json` prints, and sets
 * `process.exitCode` for any other outcome. Heavy modules are imported inside `run`: the help loads all commands.
 */
export abstract class Command extends OclifCommand {
  /** Reports on stderr, whatever goes to stdout. */
  override logToStderr(message: string): void {
    process.stderr.write(`${message}\n`);
  }

  protected override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** Leaves the report to main, which treats all commands alike; oclif would put errors among the JSON. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(isUnknownFlag(error) ? this.unknownFlag(error.flags) : error);
  }

  private unknownFlag(flags: readonly string[]): UsageError {
    const { baseFlags, flags: own, enableJsonFlag } = this.ctor;
    const names = Object.keys({ ...baseFlags, ...own, ...(enableJsonFlag && { json: true }) });
    const allowed = names.map((name) => `--${name}`).sort();
    return new UsageError(`no flag ${flags.join(", ")}: ${this.id} takes ${allowed.join(", ") || "none"}`);
  }
}

/** oclif does not export the class of this error. */
function isUnknownFlag(error: Error): error is Error & { flags: string[] } {
  return error instanceof Errors.CLIError && "flags" in error;
}
