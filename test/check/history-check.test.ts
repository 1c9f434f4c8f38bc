/** `paxbench check`: files in, exit code and JSON out. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "paxbench-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

const start = fileURLToPath(new URL("../../bin/run.js", import.meta.url));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const check = (...args: readonly string[]): { code: number | null; out: string; err: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [start, "check", ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
};

const event = (process: number, type: string, f: string, value: unknown): string => JSON.stringify({ process, type, f, key: "x", value, time: 7 });
const written = [event(0, "invoke", "write", 1), event(0, "ok", "write", 1), event(1, "invoke", "write", 2), event(1, "ok", "write", 2)];
const answer = (value: unknown): string[] => [...written, event(2, "invoke", "read", null), event(2, "ok", "read", value)];

const good = file("good.jsonl", answer(2).join("\n"));
const stale = file("stale.jsonl", `${answer(1).join("\n")}\n`);

test("a history that holds", () => {
  expect(check(good)).toEqual({ code: 0, out: expect.stringMatching(/^linearizable: 3 operations on 1 key, \d+\.\d s\n$/) as string, err: "" });
  const { code, out } = check(good, "--json");
  expect([code, JSON.parse(out)]).toEqual([0, { linearizable: true, operations: 3, keys: 1, elapsedMs: expect.any(Number) as number, witness: null }]);
});

test("a history that does not: prefix, state, and what cannot follow", () => {
  const { code, out, err } = check(stale);
  expect([code, err]).toEqual([1, ""]);
  expect(out.replace(/\d+\.\d s/, "0.0 s")).toMatchInlineSnapshot(`
    "not linearizable: 3 operations on 1 key, 0.0 s

    key "x": up to line 5 there is an order; none has what returned on line 6

    order:
      line 1–2  process 0  write 1  → 1
      line 3–4  process 1  write 2  → 2

    state: 2

    cannot follow:
      line 5–6  process 2  read → 1
    "
  `);
});

test("the same as a timeline, which replaces an older one", () => {
  const page = file("why.html", "old");
  expect(check(stale, "--html", page).code).toBe(1);
  expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>[^]*stale\.jsonl: 3 operations on 1 key[^]*<\/html>\n$/);
});

test("a history that holds leaves no timeline", () => {
  expect(check(good, "--html", join(folder, "nothing.html")).code).toBe(0);
  expect(existsSync(join(folder, "nothing.html"))).toBe(false);
});

test("the same as JSON", () => {
  const { code, out } = check(stale, "--json");
  expect(code).toBe(1);
  const read = { process: 2, f: "read", key: "x", value: null, result: 1, called: 5, returned: 6, calledAt: 7, returnedAt: 7 };
  expect(JSON.parse(out)).toMatchObject({
    linearizable: false,
    operations: 3,
    keys: 1,
    witness: {
      keys: ["x"],
      exact: true,
      prefixLength: 2,
      prefix: [
        { process: 0, f: "write", value: 1, called: 1, returned: 2, resultKnown: true, stateAfter: 1 },
        { process: 1, f: "write", value: 2, called: 3, returned: 4, resultKnown: true, stateAfter: 2 },
      ],
      state: 2,
      culprit: read,
      cannotFollow: [read],
      open: [],
    },
  });
});

test("no verdict within the limits", () => {
  const { code, out } = check(stale, "--timeout", "0s", "--json");
  expect([code, JSON.parse(out)]).toMatchObject([3, { linearizable: "unknown", operations: 3, keys: 1, witness: null, reason: "time", undecided: ["x"] }]);
  expect(check(stale, "--timeout", "0s").out).toMatch(/^unknown: .*the time is up \(--timeout\) with 1 key undecided\n$/);
});

test("no time to read it all: so many were read", () => {
  const long = file("long.jsonl", Array.from({ length: 2000 }, () => written.join("\n")).join("\n"));
  const { code, out } = check(long, "--timeout", "0s");
  expect([code, out]).toEqual([3, expect.stringMatching(/^unknown: the first 2,048 operations on 1 key, /)]);
});

const txn = (process: number, type: string, value: unknown): string => JSON.stringify({ process, type, f: "txn", key: null, value });

test("a transaction that saw half of another: both keys, as text and as JSON", () => {
  const writes = [["w", "x", 1], ["w", "y", "b"]];
  const torn = file("torn.jsonl", [
    txn(0, "invoke", writes), txn(1, "invoke", [["r", "x", null], ["r", "y", null]]), txn(1, "ok", [["r", "x", 1], ["r", "y", null]]), txn(0, "ok", writes),
  ].join("\n"));
  const { code, out } = check(torn);
  expect(code).toBe(1);
  expect(out).toContain('key "x", "y": up to line 2 there is an order; none has what returned on line 3');
  expect(out).toContain('line 2–3  process 1  txn: "x" read → 1, "y" read → absent');
  expect(JSON.parse(check(torn, "--json").out)).toMatchObject({
    keys: 2,
    witness: {
      keys: ["x", "y"],
      state: {},
      culprit: { f: "txn", key: null, value: [["r", "x", null], ["r", "y", null]], result: [["r", "x", 1], ["r", "y", null]] },
      open: [{ f: "txn", value: writes }],
    },
  });
});

/** Sparse: takes no room on the disk. */
const vast = (name: string): string => {
  const path = join(folder, name);
  closeSync(openSync(path, "w"));
  truncateSync(path, 2 ** 30);
  return path;
};

test.each([
  ["no such file", [join(folder, "none")], /^paxbench: cannot read \S+: ENOENT\n$/],
  ["a folder", [folder], /^paxbench: cannot read \S+: EISDIR\n$/],
  ["an empty file", [file("empty", "")], /^paxbench: \S+: empty; allowed is a history, one JSON object a line\n$/],
  ["a file cut off", [file("cut", answer(2).join("\n").slice(0, -9))], /^paxbench: \S+:6: the line is cut off: .*\n$/],
  ["not UTF-8", [file("bytes", Uint8Array.of(0x7b, 0xff, 0x7d, 10))], /^paxbench: \S+:1: not UTF-8; allowed is one JSON object a line\n$/],
  ["many empty lines", [file("newlines", "\n".repeat(1e6))], /^paxbench: \S+:1: an empty line; allowed is one JSON object a line\n$/],
  ["one endless line", [vast("vast")], /^paxbench: \S+:1: a line above 16 MiB; allowed is one JSON object a line\n$/],
  ["another model", [good, "--model", "queue"], /^paxbench: .*--model.*kv\n$/],
  ["a time without unit", [good, "--timeout", "5"], /^paxbench: --timeout 5: allowed is a number with us, ms, s or m, like 60s\n$/],
  ["a page in no folder", [stale, "--html", join(folder, "none", "a.html")], /^paxbench: --html \S+: cannot write there \(ENOENT\); allowed is .*\n$/],
  ["a page that is a folder", [stale, "--html", folder], /^paxbench: --html \S+: a folder; allowed is a file\n$/],
  ["no memory", [good, "--memory", "0"], /^paxbench: --memory 0: allowed is a whole number of MiB in 1\.\.9999999\n$/],
])("%s is refused in one line", (_, args, message) => {
  const { code, out, err } = check(...args);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(message);
});

test("lines that cross the reader's chunks are whole", () => {
  const long = "é".repeat(400_000);
  const lines = Array.from({ length: 6 }, (_, i) => [event(0, "invoke", "write", `${i}${long}`), event(0, "ok", "write", null), event(0, "invoke", "read", null), event(0, "ok", "read", `${i}${long}`)]);
  expect(check(file("long.jsonl", lines.flat().join("\n"))).code).toBe(0);
});
