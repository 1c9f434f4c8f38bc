import { writeSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { Config, Errors, run, settings } from "@oclif/core";
import { UsageError } from "../core/errors.ts";

const BAD_USAGE = 2;
/** A defect of paxbench itself. Not 1, which says that a check failed: EX_SOFTWARE of sysexits(3). */
const DEFECT = 70;

/** As it was before a plug-in is loaded, while which it throws. */
const exit = process.exit.bind(process);

const sources = new URL("..", import.meta.url).href;

/** Runs one command line. The outcome is `process.exitCode`; output still under way is never cut off. */
export async function main(argv: string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  process.on("uncaughtException", endAtOnce);
  settings.enableAutoTranspile = false; // oclif would look for a TypeScript loader; Node needs none
  try {
    const config = await Config.load({ root: import.meta.dirname, ignoreManifest: true, userPlugins: false });
    rejectUnknownCommand(argv, config);
    await run(argv, config);
  } catch (error) {
    if (isUsersMistake(error)) {
      console.error(`paxbench: ${oneLine(error.message)}`);
      process.exitCode = BAD_USAGE;
    } else {
      console.error(error);
      process.exitCode = DEFECT;
    }
  }
}

function rejectUnknownCommand([name]: string[], config: Config): void {
  if (name === undefined || ["--help", "-h", "--version"].includes(name) || config.findCommand(name)) return;
  throw new UsageError(`no command ${name}: there are ${config.commandIDs.join(", ")}`);
}

/** Thrown where nobody waits for it. From a plug-in's own timer or promise none of our functions is on the stack. */
function endAtOnce(error: unknown): void {
  const stack = (error instanceof Error ? error.stack : undefined) ?? String(error);
  const ours = stack.includes(sources);
  const [what, place] = stack.split(/\n\s+at /);
  const line = `paxbench: a plug-in threw where nobody waits for it, as in a timer: ${oneLine(what!)} (${place ?? "no stack"})`;
  writeSync(process.stderr.fd, `${ours ? stack : line}\n`);
  exit(ours ? DEFECT : BAD_USAGE);
}

/** oclif marks what it finds wrong with a command line by this exit code. */
function isUsersMistake(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof Errors.CLIError && error.oclif.exit === BAD_USAGE);
}

/** oclif sets its messages in paragraphs and in colour, and ends some with an invitation to read the help. */
function oneLine(message: string): string {
  return stripVTControlCharacters(message)
    .replace(/^The following errors? occurred:/, "")
    .replace(/^Parsing (\S+)\s+/, "$1: ")
    .replace(/See more help with --help$/, "")
    .split("\n")
    .map((line) => line.trim().replaceAll(/\s+/g, " "))
    .filter((line) => line !== "")
    .join("; ")
    .replaceAll(":; ", ": ");
}

/** The reader has left, as `head` does when it has seen enough; the run itself goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
