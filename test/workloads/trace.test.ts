import { createRandom, type Draw } from "paxbench";
import { describe, expect, it, test } from "vitest";
import { readRecording } from "../../workloads/trace/recording.ts";
import trace from "../../workloads/trace/index.ts";

const textOf = (bytes: Uint8Array | null): string | null => bytes && String.fromCharCode(...bytes);

/** As short as possible: `put k v`. */
const told = ({ operation, shared }: Draw): string => {
  const said = "operations" in operation ? operation.operations.map(({ type, key }) => `${type} ${key}`).join(", ") : `${operation.type} ${operation.key}`;
  const value = "value" in operation ? ` ${textOf(operation.value)}` : "limit" in operation ? ` ${operation.limit}` : "";
  return `${said}${value}${shared ? " shared" : ""}`;
};

const drawn = (lines: readonly object[], clients: number, count: number): string[][] => {
  const file = readRecording(lines.map((line) => JSON.stringify(line)).join("\n"));
  return Array.from({ length: clients }, (_, client) => {
    const source = trace.create({ client, clients, site: 0, sites: 1, random: createRandom(1, "x") }, { file, valueBytes: 4 });
    return Array.from({ length: count }, (__, sequence) => told(source.next(sequence)));
  });
};

test("a history's calls are replayed, each process by one client in its order; at the end it begins again", () => {
  const history = [
    { process: 0, type: "invoke", f: "write", key: "a", value: "1" },
    { process: 7, type: "invoke", f: "cas", key: "a", value: [1, "2"] },
    { process: 0, type: "ok", f: "write", key: "a", value: "1" },
    { process: "nemesis", type: "info", f: "kill" },
    { process: 0, type: "invoke", f: "scan", key: "a", value: 3 },
    { process: 7, type: "fail", f: "cas", key: "a", value: [1, "2"] },
    { process: 7, type: "invoke", f: "txn", key: null, value: [["r", "b", null], ["append", "b", "x"]] },
    { process: 0, type: "invoke", f: "write", key: "c", value: null },
  ];
  expect(drawn(history, 2, 4)).toEqual([
    ["put a 1 shared", "scan a 3 shared", "delete c", "put a 1 shared"],
    ["cas a 2 shared", "get b, append b", "cas a 2 shared", "get b, append b"],
  ]);
});

test("operations of nobody are dealt in turn; values that were not recorded are made, each once", () => {
  const plain = [{ f: "get", key: "a" }, { f: "put", key: "b" }, { f: "r", key: "a" }];
  expect(drawn(plain, 2, 2)).toEqual([["get a shared", "get a shared"], ["put b 1.0.", "put b 1.1."]]);
  expect(drawn(plain, 4, 1).flat(), "fewer operations than clients").toEqual(["get a shared", "put b 1.0.", "get a shared", "get a shared"]);
});

describe("a mistake is told with its line", () => {
  it.each<[string, RegExp]>([
    ["", /^has no operation; allowed/],
    ['{"f": "read", "key": "k"}\n\n{"f": "red", "key": "k"}', /^line 3: f is "red"; allowed: read, .*txn$/],
    ["nonsense", /^line 1: is no JSON: nonsense; allowed/],
    ["[1]", /^line 1: is \[1\]; allowed is an object$/],
    ['{"f": "read", "key": {}}', /^line 1: key is \{\}; allowed/],
    ['{"type": "invok", "f": "read", "key": "k"}', /^line 1: type is "invok"; allowed: invoke/],
    ['{"f": "cas", "key": "k", "value": 1}', /^line 1: cas has value 1; allowed/],
    ['{"f": "scan", "key": "k"}', /^line 1: scan has value missing; allowed/],
    ['{"f": "txn", "value": []}', /^line 1: txn has value \[\]; allowed/],
    ['{"f": "append", "key": "k", "value": null}', /^line 1: append has value null; allowed/],
  ])("%s", (text, complaint) => {
    expect(() => readRecording(text)).toThrow(complaint);
  });
});
