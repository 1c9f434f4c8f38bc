/**
 * What replicas executed, on its way to the ledger in the main thread: three words a request in transferred buffers,
 * keys as numbers that each replica gives out on first use.
 */
import type { Ledger } from "../check/ledger.ts";
import type { ReplicaId } from "../core/ids.ts";

export interface ExecutionChunk {
  /** For each request: key number × 2, plus 1 if it only reads; client; sequence. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Keys that got their numbers in this chunk, in the order of these. */
  readonly newKeys: readonly string[];
}

const wordsEach = 3;
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

  add(key: string, readOnly: boolean, client: number, sequence: number): void {
    let number = this.#keys.get(key);
    if (number === undefined) {
      number = this.#keys.size;
      this.#keys.set(key, number);
      this.#newKeys.push(key);
    }
    this.#words[this.#length++] = number * 2 + (readOnly ? 1 : 0);
    this.#words[this.#length++] = client;
    this.#words[this.#length++] = sequence;
    if (this.#length === chunkWords) this.flush();
  }

  /** Delivers what there is. */
  flush(): void {
    if (this.#length === 0) return;
    this.#deliver({ words: this.#words.slice(0, this.#length), newKeys: this.#newKeys });
    this.#length = 0;
    this.#newKeys = [];
  }
}

/** Enters one replica's executions into the ledger. */
export class ExecutionReader {
  readonly #ledger: Ledger;
  readonly #replica: ReplicaId;
  readonly #keys: string[] = [];

  constructor(ledger: Ledger, replica: ReplicaId) {
    this.#ledger = ledger;
    this.#replica = replica;
  }

  take({ words, newKeys }: ExecutionChunk): void {
    for (const key of newKeys) this.#keys.push(key);
    for (let at = 0; at < words.length; at += wordsEach) {
      const head = words[at]!;
      this.#ledger.executed(this.#replica, this.#keys[head >>> 1]!, (head & 1) === 1, words[at + 1]!, words[at + 2]!);
    }
  }
}
