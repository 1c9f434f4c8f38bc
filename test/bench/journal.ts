/**
 * What a record costs in a journal, written and synced, by how many share a sync: the measurement behind
 * src/storage/journal.ts. Run it on an otherwise idle machine: `node test/bench/journal.ts [FOLDER]`, a folder of the disk
 * in question.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal } from "../../src/storage/journal.ts";

const record = new Uint8Array(100).fill(7);
const groups = 300;

/** Sorted times from append to durable, µs. */
const measure = (folder: string, sync: boolean, together: number): Promise<number[]> =>
  new Promise((resolve, reject) => {
    const times: number[] = [];
    let began = 0;
    const next = (): void => {
      began = performance.now();
      for (let i = 0; i < together; i++) journal.append(record, record.length);
      journal.flush();
    };
    const durable = (): void => {
      times.push((performance.now() - began) * 1000);
      if (times.length < groups) setImmediate(next);
      else setImmediate(() => {
        journal.close();
        resolve(times.toSorted((a, b) => a - b));
      });
    };
    const owner = { fingerprint: new Uint8Array(16), replica: 0 };
    const { journal } = Journal.open({ folder, sync, ...owner }, { durable, failed: reject });
    next();
  });

const root = mkdtempSync(join(process.argv[2] ?? tmpdir(), "paxbench-"));
try {
  for (const together of [1, 16, 256, 4096]) {
    for (const sync of [false, true]) {
      const times = await measure(join(root, `${together}-${sync}`), sync, together);
      const median = times[groups / 2]!;
      const rate = Math.round((together / median) * 1e6).toLocaleString("en");
      console.log(`${sync ? "fsync" : "wal  "}  ${String(together).padStart(4)} records of 100 B a group: p50 ${median.toFixed(0)} µs, ${rate} records/s`);
    }
  }
} finally {
  rmSync(root, { recursive: true });
}
