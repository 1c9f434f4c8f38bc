import { UsageError } from "../../src/core/errors.ts";
import { describe, expect, test } from "vitest";
import { HistoryReader } from "../../src/check/history-reader.ts";

type Fields = Readonly<Record<string, unknown>>;

const line = (fields: Fields): string => JSON.stringify({ process: 0, key: "k", ...fields });
const invoke = (f: string, value: unknown = null, more: Fields = {}): string => line({ type: "invoke", f, value, ...more });
const ok = (f: string, value: unknown = null, more: Fields = {}): string => line({ type: "ok", f, value, ...more });

const readAll = (...lines: readonly string[]): HistoryReader => {
  const reader = new HistoryReader("h.jsonl");
  for (const text of lines) reader.read(text);
  reader.end();
  return reader;
};

describe("operations", () => {
  test("from call to answer, by line", () => {
    const { operations, invoked, keys } = readAll(
      invoke("write", 1, { time: 5 }),
      invoke("read", null, { process: 1, key: "l" }),
      ok("write", 1, { time: 9 }),
      ok("read", "v", { process: 1, key: "l" }),
    );
    expect([invoked, keys]).toEqual([2, ["k", "l"]]);
    expect(operations).toEqual([
      { client: 0, f: "write", key: "k", value: 1, expected: null, result: null, called: 1, returned: 3, calledAt: 5, returnedAt: 9 },
      { client: 1, f: "read", key: "l", value: null, expected: null, result: "v", called: 2, returned: 4, calledAt: null, returnedAt: null },
    ]);
  });

  test.each([
    ["write", invoke("write", "v"), ok("write", "v"), { value: "v", result: null }],
    ["write whose ok repeats nothing", invoke("write", "v"), ok("write"), { value: "v", result: null }],
    ["write of null", invoke("write", null), ok("write"), { value: null, result: null }],
    ["read", invoke("read"), ok("read", 1.5), { value: null, result: 1.5 }],
    ["read of an absent key", invoke("read"), ok("read", null), { value: null, result: null }],
    ["read of false", invoke("read"), ok("read", false), { value: null, result: false }],
    ["cas", invoke("cas", [null, 1]), ok("cas", [null, 1]), { expected: null, value: 1, result: null }],
    ["append", invoke("append", "a"), ok("append", "a"), { value: "a", result: null }],
    ["delete", invoke("delete"), ok("delete"), { value: null, result: null }],
    ["swap: asked for one value, found another", invoke("swap", "new"), ok("swap", "old"), { value: "new", result: "old" }],
    ["swap of an absent key", invoke("swap", "new"), ok("swap", null), { value: "new", result: null }],
  ])("%s", (_, first, second, expected) => {
    expect(readAll(first, second).operations).toMatchObject([{ ...expected, called: 1, returned: 2 }]);
  });

  test("a failed one drops out, though it was called", () => {
    const { operations, invoked } = readAll(invoke("write", 1), line({ type: "fail", f: "write", value: "why" }), invoke("read"), ok("read"));
    expect([invoked, operations.map(({ f }) => f)]).toEqual([2, ["read"]]);
  });

  test("info, or nothing, leaves the outcome open; after info a process goes on", () => {
    const { operations } = readAll(invoke("write", 1), line({ type: "info", f: "write", value: "timed out" }), invoke("swap", 2));
    expect(operations).toMatchObject([
      { f: "write", called: 1, returned: Infinity },
      { f: "swap", called: 3, returned: Infinity },
    ]);
  });

  test("keys that are numbers, or none", () => {
    expect(readAll(invoke("write", 1, { key: 7 }), ok("write", 1, { key: 7 })).keys).toEqual(["7"]);
    expect(readAll(invoke("write", 1, { key: undefined }), ok("write", 1, { key: null })).keys).toEqual([""]);
  });

  test("get and put are other names", () => {
    expect(readAll(invoke("put", 1), ok("put", 1), invoke("get"), ok("get", 1)).operations.map(({ f }) => f)).toEqual(["write", "read"]);
  });

  test("lines of the nemesis are skipped, and count as lines", () => {
    const nemesis = JSON.stringify({ process: "nemesis", type: "info", f: "start-partition", value: { n1: ["n2"] } });
    expect(readAll(nemesis, invoke("read"), nemesis, ok("read")).operations).toMatchObject([{ called: 2, returned: 4 }]);
  });

  test("a scan has a start, a limit, and what it saw", () => {
    expect(readAll(invoke("scan", 2), ok("scan", [["k", 1], ["l", "v"]])).operations).toMatchObject([
      { f: "scan", key: "k", value: 2, result: [["k", 1], ["l", "v"]], called: 1, returned: 2 },
    ]);
  });

  test("a transaction has its list, with what it saw", () => {
    const asked = [["r", "x", null], ["w", "y", 1], ["append", "z", "a"], ["cas", "x", [1, 2]], ["swap", "y", 3], ["delete", "x"]];
    const seen = [["r", "x", 1], ["w", "y", 1], ["append", "z", "a"], ["cas", "x", [1, 2]], ["swap", "y", 1], ["delete", "x", null]];
    const { operations, keys } = readAll(invoke("txn", asked, { key: undefined }), ok("txn", seen, { key: null }));
    expect(keys).toEqual(["x", "y", "z"]);
    expect(operations).toMatchObject([
      {
        f: "txn",
        key: null,
        value: [
          { f: "read", key: "x", result: 1 },
          { f: "write", key: "y", value: 1, result: null },
          { f: "append", key: "z", value: "a" },
          { f: "cas", key: "x", expected: 1, value: 2, result: null },
          { f: "swap", key: "y", value: 3, result: 1 },
          { f: "delete", key: "x" },
        ],
      },
    ]);
  });

  test("fields that mean nothing here are left alone, and so is white space", () => {
    const text = ` ${invoke("write", 1, { index: "x", error: ["boom"] })}\r`;
    expect(readAll(text, ok("write")).operations).toHaveLength(1);
  });
});

describe("what is wrong, where, and what is allowed", () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ["no line", [], "h.jsonl: empty; allowed is a history, one JSON object a line"],
    ["an empty line", [invoke("read"), ""], "h.jsonl:2: an empty line; allowed is one JSON object a line"],
    ["white space", [" \t"], "h.jsonl:1: an empty line; allowed is one JSON object a line"],
    ["zeros", ["\0\0"], String.raw`h.jsonl:1: not JSON: \u0000\u0000; allowed is one JSON object a line`],
    ["not JSON", ["hello"], "h.jsonl:1: not JSON: hello; allowed is one JSON object a line"],
    ["a line cut off", [invoke("read"), ok("read", "value").slice(0, -3)], "h.jsonl:2: the line is cut off: "],
    ["a line cut off after a comma", ['{"process":0,'], "h.jsonl:1: the line is cut off: "],
    ["two objects", [`${invoke("read")}${ok("read")}`], "h.jsonl:1: not JSON: "],
    ["an array", ["[1]"], "h.jsonl:1: [1] is no JSON object"],
    ["null", ["null"], "h.jsonl:1: null is no JSON object"],
    ["a type that does not exist", [invoke("read", null, { type: "call" })], 'h.jsonl:1: type is "call"; allowed: invoke, ok, fail, info'],
    ["no type", [line({ f: "read" })], "h.jsonl:1: type is missing; allowed: invoke, ok, fail, info"],
    ["an f that does not exist", [invoke("push")], 'h.jsonl:1: f is "push"; allowed: read, write, cas, append, swap, delete, scan, txn'],
    ["an f of an object's own", [invoke("constructor")], 'h.jsonl:1: f is "constructor"; allowed: read'],
    ["a process by name", [invoke("read", null, { process: "c1" })], 'h.jsonl:1: process is "c1"; allowed is a whole number, or "nemesis", which is skipped'],
    ["half a process", [invoke("read", null, { process: 0.5 })], "h.jsonl:1: process is 0.5; allowed is a whole number"],
    ["a key suddenly missing", [invoke("read"), ok("read"), invoke("read", null, { key: undefined })], "h.jsonl:3: key is missing, those before are not; allowed are strings, or whole numbers, or none at all"],
    ["a number after keys that are strings", [invoke("read"), ok("read"), invoke("read", null, { key: 1 })], "h.jsonl:3: key is 1, those before are not"],
    ["a list as key", [invoke("read", null, { key: [1] })], "h.jsonl:1: key is [1]; allowed is a string or a whole number"],
    ["a transaction on a key", [invoke("txn", [])], 'h.jsonl:1: key of txn is "k"; allowed is null'],
    ["a transaction of no list", [invoke("txn", "r", { key: null })], 'h.jsonl:1: txn has value "r"; allowed is a list of [f, key, value]'],
    ["a transaction of no lists", [invoke("txn", ["r"], { key: null })], 'h.jsonl:1: txn has "r"; allowed are [f, key, value]'],
    ["a scan in a transaction", [invoke("txn", [["scan", "x", 1]], { key: null })], 'h.jsonl:1: f in txn is "scan"; allowed: read, write, cas, append, swap, delete'],
    ["a transaction on no key", [invoke("txn", [["r", null, null]], { key: null })], "h.jsonl:1: key in txn is null; allowed is a string"],
    ["a transaction that asks and is answered another", [invoke("txn", [["w", "x", 1]], { key: null }), ok("txn", [["w", "y", 1]], { key: null })], 'h.jsonl:2: ok of txn has ["w","y",1]; allowed is what it invoked on line 1: ["w","x",1]'],
    ["one that wrote something else", [invoke("txn", [["w", "x", 1]], { key: null }), ok("txn", [["w", "x", 2]], { key: null })], "h.jsonl:2: ok of write has value 2; allowed is what it invoked on line 1, 1, or null"],
    ["one without results", [invoke("txn", [["r", "x", null]], { key: null }), ok("txn", null, { key: null })], "h.jsonl:2: ok of txn has value null; allowed is what it invoked on line 1, with what its reads saw"],
    ["an append in a transaction to a number", [invoke("txn", [["w", "x", 1], ["append", "x", "a"]], { key: null })], 'h.jsonl:1: append to key "x", where line 1 puts'],
    ["a scan from nowhere", [invoke("scan", 1, { key: null })], "h.jsonl:1: key of scan is null; allowed is a string"],
    ["a scan without limit", [invoke("scan")], "h.jsonl:1: scan has value null; allowed is how many keys at most"],
    ["a scan of half a key", [invoke("scan", 0.5)], "h.jsonl:1: scan has value 0.5; allowed is how many keys at most"],
    ["a scan without result", [invoke("scan", 1), ok("scan")], "h.jsonl:2: ok of scan has value null; allowed is a list of [key, value]"],
    ["a scan of keys alone", [invoke("scan", 1), ok("scan", ["k"])], 'h.jsonl:2: ok of scan has "k"; allowed is a list of [key, value]'],
    ["a scan of what is not there", [invoke("scan", 1), ok("scan", [["k", null]])], 'h.jsonl:2: ok of scan has ["k",null]; allowed are keys that are there'],
    ["a time of day", [invoke("read", null, { time: "noon" })], 'h.jsonl:1: time is "noon"; allowed is a number of nanoseconds'],
    ["an ok without invoke", [ok("read")], "h.jsonl:1: ok of process 0, which has nothing open; allowed is invoke"],
    ["an ok after info", [invoke("read"), line({ type: "info", f: "read" }), ok("read")], "h.jsonl:3: ok of process 0, which has nothing open; allowed is invoke"],
    ["two open operations", [invoke("write", 1), invoke("read")], "h.jsonl:2: process 0 invokes read while its write of line 1 is open; allowed is one at a time"],
    ["another f", [invoke("write", 1), ok("read", 1)], 'h.jsonl:2: ok of read "k" for process 0; allowed is what it invoked on line 1: write "k"'],
    ["another key", [invoke("read"), ok("read", 1, { key: "l" })], 'h.jsonl:2: ok of read "l" for process 0; allowed is what it invoked on line 1: read "k"'],
    ["another key at info", [invoke("read"), line({ type: "info", f: "read", key: "l" })], 'h.jsonl:2: info of read "l"'],
    ["another value", [invoke("write", 1), ok("write", 2)], "h.jsonl:2: ok of write has value 2; allowed is what it invoked on line 1, 1, or null"],
    ["a read that asks for a value", [invoke("read", 1)], "h.jsonl:1: invoke of read has value 1; allowed is null"],
    ["a delete of a value", [invoke("delete", 1)], "h.jsonl:1: invoke of delete has value 1; allowed is null"],
    ["a read without result", [invoke("read"), line({ type: "ok", f: "read" })], "h.jsonl:2: ok of read has value missing; allowed is a string, a number, true, false or null"],
    ["a write of a list", [invoke("write", [1])], "h.jsonl:1: write has value [1]; allowed is a string, a number, true, false or null"],
    ["a write of nothing", ['{"process":0,"type":"invoke","f":"write","key":"k"}'], "h.jsonl:1: write has value missing; allowed is a string"],
    ["a cas of one value", [invoke("cas", 1)], "h.jsonl:1: cas has value 1; allowed is [expected, new]"],
    ["a cas of three", [invoke("cas", [1, 2, 3])], "h.jsonl:1: cas has value [1,2,3]; allowed is [expected, new]"],
    ["a cas of an object", [invoke("cas", [{}, 2])], "h.jsonl:1: cas has value {}; allowed is a string"],
    ["an append of a number", [invoke("append", 1)], "h.jsonl:1: append has value 1; allowed is a string"],
    ["a number that JSON.parse rounds", [invoke("write").replace("null", "9007199254740993")], "h.jsonl:1: write has value 9007199254740992; allowed are whole numbers up to 2^53 - 1, beyond them strings"],
    ["a number beyond all", [invoke("write").replace("null", "1e999")], "h.jsonl:1: write has value Infinity; allowed are whole numbers"],
    [
      "an append to a number",
      [invoke("write", 1), ok("write"), invoke("append", "a"), ok("append")],
      'h.jsonl:3: append to key "k", where line 1 puts a value that is no string; allowed on such a key are strings',
    ],
    ["a number where somebody appends", [invoke("append", "a"), ok("append"), invoke("cas", ["a", 1])], 'h.jsonl:1: append to key "k", where line 3 puts'],
    ["endless nesting", [`{"type":${"[".repeat(1e5)}${"]".repeat(1e5)}}`], "h.jsonl:1: nested too deep; allowed are values, and lists of them"],
    ["a long line, shown in part", ["x".repeat(1000)], `h.jsonl:1: not JSON: ${"x".repeat(40)}…; allowed is one JSON object a line`],
  ];

  test.each(cases)("%s", (_, lines, message) => {
    const attempt = (): unknown => readAll(...lines);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/\n/);
  });

  test("but an append that failed may have met a number", () => {
    expect(readAll(invoke("write", 1), ok("write"), invoke("append", "a"), line({ type: "fail", f: "append" })).operations).toHaveLength(1);
  });
});
