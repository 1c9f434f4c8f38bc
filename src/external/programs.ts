import { fork, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Ended, Order } from "./warden.ts";

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** Programs of others that run as long as this process needs them, and never longer than it lives. */
export class Programs {
  readonly #programs: readonly Program[];
  readonly #warden: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #running = new Set<number>();
  readonly #news = new EventEmitter();

  /** `ended`: a program ended, whoever wanted it; `failed`: all of them did. */
  constructor(programs: readonly Program[], ended: (program: number, how: string) => void, failed: (reason: Error) => void) {
    this.#programs = programs;
    this.#warden = fork(fileURLToPath(new URL("./warden.ts", import.meta.url)), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#gone = new Promise((resolve) => this.#warden.once("exit", resolve));
    this.#warden.on("message", ({ program, how }: Ended) => {
      this.#running.delete(program);
      ended(program, how);
      this.#news.emit("ended");
    });
    this.#warden.once("error", failed);
    this.#warden.once("exit", (code) => {
      if (code !== 0) failed(new Error(`the process that started it ended early, with exit code ${code}`));
    });
    for (const program of programs.keys()) void this.start(program);
  }

  /** Resolves when it has begun, which is after it ended if it was to end. */
  async start(program: number): Promise<void> {
    while (this.#running.has(program)) await once(this.#news, "ended");
    this.#running.add(program);
    this.#order({ program, start: this.#programs[program]! });
  }

  signal(program: number, signal: NonNullable<Order["signal"]>): void {
    this.#order({ program, signal });
  }

  /** Resolves when all have ended. */
  async end(): Promise<void> {
    if (this.#warden.connected) this.#warden.disconnect();
    await this.#gone;
  }

  #order(order: Order): void {
    if (this.#warden.connected) this.#warden.send(order);
  }
}
