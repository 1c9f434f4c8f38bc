import { closeSync, openSync, readSync } from "node:fs";
import { UsageError } from "../core/errors.ts";

const chunkBytes = 1 << 20;
const longest = 16 << 20;
const newline = 10;

/**
 * The lines of a file of any size, without their ends, in memory for one of them. Throws a `UsageError` for a file that
 * cannot be read, a line above 16 MiB, and bytes that are no UTF-8.
 */
export function* linesOf(file: string): Generator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const descriptor = reading(file, () => openSync(file, "r"));
  try {
    const chunk = Buffer.alloc(chunkBytes);
    /** What came of a line that goes on in the next chunk. */
    let begun: Buffer[] = [];
    let begunBytes = 0;
    let line = 0;
    const decode = (bytes: Buffer): string => {
      line++;
      try {
        return decoder.decode(begun.length === 0 ? bytes : Buffer.concat([...begun, bytes]));
      } catch {
        throw new UsageError(`${file}:${line}: not UTF-8; allowed is one JSON object a line`);
      } finally {
        begun = [];
        begunBytes = 0;
      }
    };
    for (;;) {
      const filled = reading(file, () => readSync(descriptor, chunk));
      if (filled === 0) break;
      let from = 0;
      for (let end = chunk.indexOf(newline); end >= 0 && end < filled; end = chunk.indexOf(newline, from)) {
        yield decode(chunk.subarray(from, end));
        from = end + 1;
      }
      if (from === filled) continue;
      begun.push(Buffer.from(chunk.subarray(from, filled)));
      begunBytes += filled - from;
      if (begunBytes > longest) throw new UsageError(`${file}:${line + 1}: a line above 16 MiB; allowed is one JSON object a line`);
    }
    if (begunBytes > 0) yield decode(Buffer.alloc(0));
  } finally {
    closeSync(descriptor);
  }
}

const reading = <T>(file: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
};
