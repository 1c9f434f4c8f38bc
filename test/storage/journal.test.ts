import { execFileSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { Journal, type JournalSettings } from "../../src/storage/journal.ts";

let root: string;
let folder: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "paxbench-"));
  folder = join(root, "data", "replica-1");
  file = join(folder, "journal");
});
afterEach(() => rmSync(root, { recursive: true }));

/** An open journal, what was read from it as text, and what it says. */
class Opened extends EventEmitter {
  readonly journal: Journal;
  readonly records: readonly string[];
  readonly incarnation: number;
  readonly durable: number[] = [];
  readonly failures: string[] = [];
  /** Called when records became durable. */
  onDurable: () => void = () => {};

  constructor(settings: Partial<JournalSettings> = {}) {
    super();
    const owner = { fingerprint: new Uint8Array(16), replica: 1 };
    const { journal, records, incarnation } = Journal.open({ folder, sync: true, ...owner, ...settings }, {
      durable: (count) => {
        this.durable.push(count);
        this.onDurable();
        this.emit("durable");
      },
      failed: ({ message }) => this.failures.push(message),
    });
    this.journal = journal;
    this.records = records.map((record) => Buffer.from(record).toString());
    this.incarnation = incarnation;
  }

  append(...texts: readonly string[]): void {
    for (const text of texts) this.journal.append(Buffer.from(text), Buffer.byteLength(text));
  }

  /** Appends and waits until it is durable. */
  async keep(...texts: readonly string[]): Promise<this> {
    this.append(...texts);
    const durable = once(this, "durable");
    this.journal.flush();
    await durable;
    return this;
  }
}

/** What a life that only looks finds. */
const look = (settings?: Partial<JournalSettings>): Pick<Opened, "records" | "incarnation"> => {
  const { journal, records, incarnation } = new Opened(settings);
  journal.close();
  return { records, incarnation };
};

const compact = (journal: Journal, ...texts: readonly string[]): void => journal.compact(texts.map((text) => Buffer.from(text)));

const lengths = ({ records }: Pick<Opened, "records">): number[] => records.map(({ length }) => length);

/** What the person at the keyboard reads. */
const line = (settings?: Partial<JournalSettings>): string => {
  try {
    look(settings);
    return "not refused";
  } catch (error) {
    return error instanceof UsageError ? error.message.replace(file, "FILE") : String(error);
  }
};

describe("each life", () => {
  test("finds what those before it kept, and its own number", async () => {
    expect(look()).toEqual({ records: [], incarnation: 0 });
    (await new Opened().keep("a", "b")).journal.close();
    const third = new Opened();
    expect(third).toMatchObject({ records: ["a", "b"], incarnation: 2 });
    await third.keep("c");
    expect((await third.keep("d")).durable).toEqual([1, 2]);
    third.journal.close();
    expect(look()).toEqual({ records: ["a", "b", "c", "d"], incarnation: 3 });
    expect(readdirSync(folder)).toEqual(["journal"]);
  });

  test("has a number of its own even if it wrote nothing", () => {
    expect([0, 1, 2].map(() => look().incarnation)).toEqual([0, 1, 2]);
  });

  test("begins anew where a crash came between making a journal and giving it its name", () => {
    look();
    rmSync(file);
    writeFileSync(`${file}.new`, "half a hea");
    expect(look()).toEqual({ records: [], incarnation: 0 });
    expect(readdirSync(folder)).toEqual(["journal"]);
  });
});

describe("group commit", () => {
  test("nothing is durable before it is synced; what comes meanwhile goes together into the next sync", async () => {
    const opened = new Opened();
    opened.append("a");
    const first = once(opened, "durable");
    opened.journal.flush();
    expect(opened.durable).toEqual([]);
    opened.append("b");
    opened.journal.flush();
    opened.append("c");
    opened.journal.flush();
    await first;
    expect(opened.durable).toEqual([1]);
    const second = once(opened, "durable");
    opened.journal.flush();
    await second;
    expect(opened.durable).toEqual([1, 3]);
    opened.journal.close();
    expect(look().records).toEqual(["a", "b", "c"]);
  });

  test("without sync: durable is what is written, also what was appended because of that", () => {
    const opened = new Opened({ sync: false });
    opened.onDurable = () => {
      if (opened.durable.length < 3) opened.append("again");
    };
    opened.append("a", "b");
    opened.journal.flush();
    expect(opened.durable).toEqual([2, 3, 4]);
    opened.journal.close();
    expect(look().records).toEqual(["a", "b", "again", "again"]);
  });

  test("takes records larger than its buffer", async () => {
    const large = "x".repeat(300_000);
    (await new Opened().keep("a", large, "b")).journal.close();
    expect(look().records).toEqual(["a", large, "b"]);
  });
});

describe("a journal that a crash left", () => {
  test("cut at every byte of its last record: all before it are there, and it goes on from them", async () => {
    (await new Opened().keep("first", "second")).journal.close();
    const before = readFileSync(file).length;
    (await new Opened().keep("the last one")).journal.close();
    const whole = readFileSync(file);
    const opened = before + 32; // that life's own record
    for (let cut = opened; cut < whole.length; cut++) {
      writeFileSync(file, whole);
      truncateSync(file, cut);
      const next = new Opened({ sync: false });
      expect(next, `cut at ${cut}`).toMatchObject({ records: ["first", "second"], incarnation: 2 });
      next.append("new");
      next.journal.flush();
      next.journal.close();
      expect(look({ sync: false }), `cut at ${cut}`).toEqual({ records: ["first", "second", "new"], incarnation: 3 });
    }
  });

  test("with sectors that were never written behind it: they are cut off", async () => {
    (await new Opened().keep("a")).journal.close();
    const { length } = readFileSync(file);
    appendFileSync(file, new Uint8Array(4096));
    expect(look()).toEqual({ records: ["a"], incarnation: 1 });
    expect(readFileSync(file).length).toBe(length + 32);
  });
});

describe("is compacted", () => {
  const megabyte = "x".repeat(2 ** 20);

  test("to what stands for all that it held; it goes on from there, and lives go on counting", async () => {
    (await new Opened().keep("a", "b", megabyte)).journal.close();
    const second = new Opened();
    compact(second.journal, "ab", "c");
    expect(readdirSync(folder)).toEqual(["journal"]);
    expect(readFileSync(file).length).toBe(48 + 32 + 32 + 32);
    expect((await second.keep("d")).durable).toEqual([1]);
    second.journal.close();
    expect(look()).toEqual({ records: ["ab", "c", "d"], incarnation: 2 });
    expect(look()).toEqual({ records: ["ab", "c", "d"], incarnation: 3 });
  });

  test.each([
    ["it is small", ["a".repeat(2 ** 19)], ["b"]],
    ["little is won", [megabyte], [megabyte.slice(2 ** 18)]],
  ])("unless %s", async (_, texts, compacted) => {
    (await new Opened().keep(...texts)).journal.close();
    const { journal } = new Opened();
    compact(journal, ...compacted);
    journal.close();
    expect(lengths(look())).toEqual(texts.map(({ length }) => length));
  });

  test("at once: whatever a crash leaves beside it is gone in the next life", async () => {
    (await new Opened().keep(megabyte)).journal.close();
    const before = readFileSync(file);
    const { journal } = new Opened();
    compact(journal, "a", "b");
    journal.close();
    const after = readFileSync(file);
    for (let length = 0; length <= after.length; length++) {
      writeFileSync(file, before);
      writeFileSync(`${file}.new`, after.subarray(0, length));
      expect(lengths(look()), `${length} bytes written`).toEqual([2 ** 20]);
      expect(readdirSync(folder)).toEqual(["journal"]);
    }
  });

  test("where that can be written: else it stays as it is, and is written on", async () => {
    (await new Opened().keep(megabyte)).journal.close();
    const opened = new Opened();
    mkdirSync(`${file}.new`);
    compact(opened.journal, "a");
    rmdirSync(`${file}.new`);
    (await opened.keep("b")).journal.close();
    expect(opened.failures).toEqual([]);
    expect(lengths(look())).toEqual([2 ** 20, 1]);
  });
});

describe("is refused in one line", () => {
  test("with file and byte, and left as it is, when it is damaged", async () => {
    (await new Opened().keep("a", "b")).journal.close();
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    expect(line()).toBe(`FILE: damaged at byte ${bytes.length - 32}: the checksum of a record is wrong`);
    expect(readFileSync(file)).toEqual(bytes);
  });

  test("when it is another's", () => {
    look();
    expect(line({ replica: 2 })).toBe("FILE: the journal of replica 1; allowed is that of replica 2");
    expect(line({ fingerprint: new Uint8Array(16).fill(1) })).toMatch(/^FILE: the journal of another cluster/);
  });

  test("when there can be none", () => {
    writeFileSync(join(root, "data"), "a file");
    expect(line()).toMatch(/^FILE: cannot be opened \(ENOTDIR: /);
  });
});

describe("a disk that fails", () => {
  test("is told of once, and nothing becomes durable any more", async () => {
    const opened = await new Opened().keep("a");
    opened.journal.close(); // writing fails from here on
    for (const text of ["b", "c"]) {
      opened.append(text);
      opened.journal.flush();
    }
    expect(opened.durable).toEqual([1]);
    expect(opened.failures).toEqual([`cannot write ${file}: EBADF: bad file descriptor, write`]);
  });

  const small = ["--mount", "--map-root-user", "sh", "-c", 'mount -t tmpfs -o size=256k none "$0" && exec "$@"'];
  const canMount = ((): boolean => {
    try {
      execFileSync("unshare", [...small, tmpdir(), "true"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  })();

  test.skipIf(!canMount)("because it is full: what was durable is there", () => {
    const script = fileURLToPath(new URL("./fixtures/fill-disk.ts", import.meta.url));
    const output = execFileSync("unshare", [...small, root, process.execPath, script, root], { encoding: "utf8" });
    const { message, durable, readBack } = JSON.parse(output) as { message: string; durable: number; readBack: number };
    expect(message).toBe(`cannot write ${join(root, "journal")}: ENOSPC: no space left on device, write`);
    expect(durable).toBeGreaterThan(100);
    expect(readBack).toBe(durable);
    expect(existsSync(join(root, "journal"))).toBe(false); // it was on that disk
  });
});
