/** One line on stderr that overwrites itself. None without a terminal. */
export class ProgressLine {
  readonly #stream = process.stderr;
  #last = 0;

  /** At most ten times a second. */
  show(text: string): void {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#last < 100) return;
    this.#last = now;
    this.#stream.write(`\r\u001b[K${text.slice(0, (this.#stream.columns || 80) - 1)}`);
  }

  clear(): void {
    if (this.#stream.isTTY && this.#last > 0) this.#stream.write("\r\u001b[K");
    this.#last = 0;
  }
}

/** `done` in 0 … 1. */
export const bar = (done: number, width = 20): string => {
  const full = Math.round(done * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${String(Math.round(done * 100)).padStart(3)} %`;
};
