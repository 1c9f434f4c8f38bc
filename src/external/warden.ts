/**
 * A process that starts programs which know nothing of us, and ends them when whoever started it is gone, for whatever
 * reason: its channel closes. Forked with no arguments; a message is an `Order`, an answer an `Ended`.
 */
import { spawn, type ChildProcess } from "node:child_process";

export interface Order {
  readonly program: number;
  /** Starts it. */
  readonly start?: { readonly file: string; readonly args: readonly string[] };
  readonly signal?: "SIGKILL" | "SIGSTOP" | "SIGCONT";
}

export interface Ended {
  readonly program: number;
  /** How it ended, and the last line that it wrote. */
  readonly how: string;
}

const running = new Map<number, ChildProcess>();

const start = (program: number, file: string, args: readonly string[]): void => {
  // In a group of its own: a terminal sends Ctrl-C to the whole group of whoever it runs.
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let last = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (last = text.trimEnd().split("\n").at(-1) || last));
  const end = (how: string): void => {
    running.delete(program);
    if (process.connected) process.send!({ program, how: last === "" ? how : `${how}: ${last}` } satisfies Ended);
    else if (running.size === 0) process.exit();
  };
  running.set(program, child);
  child.once("error", (error) => end(error.message));
  child.once("close", (code, signal) => end(signal === null ? `exit code ${code}` : `ended by ${signal}`));
};

process.on("message", ({ program, start: started, signal }: Order) => {
  if (started !== undefined) start(program, started.file, started.args);
  if (signal !== undefined) running.get(program)?.kill(signal);
});

process.on("disconnect", () => {
  if (running.size === 0) process.exit();
  for (const child of running.values()) child.kill("SIGKILL");
});

// It is told to end by its channel alone: who hears Ctrl-C may have things to finish first.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
