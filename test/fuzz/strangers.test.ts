/** Protocols that break the contract, by path: fuzz says what is wrong, and always comes to an end. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { fuzz, type FuzzOutcome } from "../../src/fuzz/fuzz.ts";
import { resolvePlugin } from "../../src/runtime/modules.ts";
import { launcher, runNode } from "../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-strangers-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Parts {
  readonly start?: string;
  readonly onRequest?: string;
  readonly onMessage?: string;
  readonly onTimer?: string;
  readonly more?: string;
}

const stranger = ({ start = "", onRequest = "effects.broadcast(env.everyone, { type: 'tell', command: given });", onMessage = "", onTimer = "", more = "" }: Parts): string => `
  import { command, defineProtocol, uint, union } from "paxbench";
  export default defineProtocol({
    name: "stranger", title: "Stranger", summary: "breaks its contract", papers: [],
    messages: union({ tell: { command } }), records: union({ none: { slot: uint } }), timers: ["tick"], options: {},
    create: (env, effects) => ({
      restore() {}, start() { ${start} }, onTimer() { ${onTimer} }, status: () => ({}),
      onRequest(given) { ${onRequest} }, onMessage(from, message) { ${onMessage} },
    }), ${more}
  });`;

let files = 0;
const fileOf = (source: string): string => {
  const file = join(folder, `${++files}.mjs`);
  writeFileSync(file, source);
  return file;
};

const fuzzed = (source: string, signal = new AbortController().signal): Promise<FuzzOutcome> => {
  const protocol = pathToFileURL(fileOf(source)).href;
  const workload = resolvePlugin("workload", "mixed", folder);
  const subject = { protocol, options: {}, workload, workloadOptions: { keys: 2, reads: 0.5 } };
  return fuzz({ subject, firstSeed: 5, seeds: 2, limits: { replicas: 3 }, trace: false, patience: 3000 }, () => undefined, signal);
};

describe("fuzz finds a protocol that", () => {
  const cases: readonly (readonly [string, Parts, string, RegExp])[] = [
    ["throws", { onMessage: "throw new TypeError('out of order');" }, "invariants", /^replica \d at \d+ µs: TypeError: out of order \(\S+:\d+\)$/],
    ["never answers", {}, "liveness", /requests open 30 s after/],
    ["answers at once, without replication", { onRequest: "effects.execute(given);" }, "ledger", /executed/],
    ["does not return", { onMessage: "while (true);" }, "hang", /^no end after 3 s of real time/],
    ["ends its thread", { onMessage: "process.exit(0);" }, "exception", /^the thread of the run ended: /],
    ["sets a timer of no delay for ever", { start: "effects.setTimer('tick', 0);", onTimer: "effects.setTimer('tick', 0);" }, "exception", /time stands still/],
    ["sets a timer of no number", { start: "effects.setTimer('tick', NaN);" }, "invariants", /^replica 0 at 0 µs: RangeError: setTimer\("tick", NaN\)/],
    ["sets a timer it has not declared", { start: "effects.setTimer('tock', 1);" }, "invariants", /: TypeError: stranger has no timer "tock" /],
    ["answers each message with more", { onMessage: "effects.broadcast(env.others, message); effects.send(from, message);" }, "exception", /messages or timers multiply$/],
    ["talks to itself for ever", { onMessage: "effects.send(env.self, message); effects.send(env.self, message);" }, "invariants", /own messages cause own messages without end$/],
    ["sends to nobody", { onRequest: "effects.send(3, { type: 'tell', command: given });" }, "invariants", /: RangeError: no replica 3: there are 0 to 2 /],
    ["makes no replica", { more: "create: () => ({ restore() {} })," }, "invariants", /: TypeError: stranger: what create returns has no method start /],
  ];
  it.each(cases)("%s", async (_, parts, kind, detail) => {
    const { failures, interrupted } = await fuzzed(stranger(parts));
    expect(interrupted).toBeNull();
    expect(failures[0]).toMatchObject({ seed: 5, finding: { kind } });
    expect(failures[0]!.finding.detail).toMatch(detail);
  });

  it("does not return, when interrupted: which seeds were under way", async () => {
    const interrupt = new AbortController();
    const file = stranger({ start: "while (true);" });
    const outcome = fuzzed(file, interrupt.signal);
    setTimeout(() => interrupt.abort(), 1000);
    expect(await outcome).toMatchObject({ interrupted: [5], failures: [] });
  });
});

describe("paxbench fuzz ends with 2 and one line for a module that", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["is no JavaScript", "export default {;", /^paxbench: cannot load protocol .*: SyntaxError: /],
    ["throws", "throw new TypeError('at load');", /^paxbench: cannot load protocol .*: TypeError: at load$/],
    ["ends the process", "process.exit(0);", /^paxbench: cannot load protocol .*: Error: it calls process\.exit\(0\)$/],
    ["is never done", "await new Promise(() => {});", /^paxbench: cannot load protocol .*: Error: it waits for what never comes$/],
    ["throws from a timer", `setTimeout(() => { throw new TypeError("late"); }); ${stranger({})}`, /^paxbench: a plug-in threw .*: TypeError: late \(.*\.mjs:1:\d+\)+$/],
    ["exports nothing", "export const protocol = 1;", /has no default export: a protocol is one$/],
    ["lacks create", stranger({ more: "create: undefined," }), /is no protocol: "create" is missing or of the wrong type$/],
    ["has options that are none", stranger({ more: "options: { a: 5 }," }), /is no protocol: "options" is missing or of the wrong type$/],
    ["has timers that are no names", stranger({ more: "timers: [1]," }), /is no protocol: "timers" is missing or of the wrong type$/],
    ["excludes what is no fault", stranger({ more: "excludes: ['lossy']," }), /is no protocol: "excludes" is missing or of the wrong type$/],
    ["fails to validate", stranger({ more: "validate() { null.x; }," }), /^paxbench: stranger: its validate failed: TypeError: /],
  ];
  it.each(cases)("%s", async (_, source, message) => {
    const { code, stdout, stderr } = await runNode([launcher, "fuzz", "-p", fileOf(source)], folder);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim()).not.toContain("\n");
  });
});
