/**
 * What replicas executed, on its way to the ledger in the main thread: three words a request and key in transferred buffers,
 * keys as numbers that each replica gives out on first use.
 */
import type { KeyHistory, Ledger } from "../check/ledger.ts";
import type { ReplicaId } from "../core/ids.ts";

export interface ExecutionChunk {
  /** For each request and key: key number × 4, plus 1 if it only reads, 2 if it is not its first key; client; sequence. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Keys that got their numbers in this chunk, in the order of these. */
  readonly newKeys: readonly string[];
}

const wordsEach = 3;
/** In place of the first word: a scan. */
const scan = 0xffff_ffff;
const chunkWords = wordsEach * 4096;

export class ExecutionLog {
  readonly #deliver: (chunk: ExecutionChunk) => void;
  readonly #keys = new Map<string, number>();
  #newKeys: string[] = [];
  #words = new Uint32Array(chunkWords);
  #length = 0;

  constructor(deliver: (chunk: ExecutionChunk) => void) {
    this.#deliver = deliver;
  }

  add(key: string, readOnly: boolean, client: number, sequence: number, further = false): void {
    let number = this.#keys.get(key);
    if (number === undefined) {
      number = this.#keys.size;
      this.#keys.set(key, number);
      this.#newKeys.push(key);
    }
    this.#push(number * 4 + (further ? 2 : 0) + (readOnly ? 1 : 0), client, sequence);
  }

  addScan(client: number, sequence: number): void {
    this.#push(scan, client, sequence);
  }

  /** Delivers what there is. */
  flush(): void {
    if (this.#length === 0) return;
    this.#deliver({ words: this.#words.slice(0, this.#length), newKeys: this.#newKeys });
    this.#length = 0;
    this.#newKeys = [];
  }

  #push(head: number, client: number, sequence: number): void {
    this.#words[this.#length++] = head;
    this.#words[this.#length++] = client;
    this.#words[this.#length++] = sequence;
    if (this.#length === chunkWords) this.flush();
  }
}

/** Enters one replica's executions into the ledger. */
export class ExecutionReader {
  readonly #ledger: Ledger;
  readonly #replica: ReplicaId;
  /** By key number. */
  readonly #histories: KeyHistory[] = [];

  constructor(ledger: Ledger, replica: ReplicaId) {
    this.#ledger = ledger;
    this.#replica = replica;
  }

  take({ words, newKeys }: ExecutionChunk): void {
    for (const key of newKeys) this.#histories.push(this.#ledger.historyOf(key));
    for (let at = 0; at < words.length; at += wordsEach) {
      const head = words[at]!;
      const client = words[at + 1]!;
      const sequence = words[at + 2]!;
      if (head === scan) this.#ledger.scanned(this.#replica, client, sequence);
      else this.#ledger.executedOn(this.#histories[head >>> 2]!, this.#replica, (head & 1) === 1, client, sequence, (head & 2) === 2);
    }
  }
}
