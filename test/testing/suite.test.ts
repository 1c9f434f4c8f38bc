import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { protocolSuite, type ConformanceCase } from "paxbench/testing";

/** A folder far from this project, without paxbench among its modules. */
const outside = mkdtempSync(join(tmpdir(), "outsider-"));
afterAll(() => rmSync(outside, { recursive: true }));

/** One replica orders for all and nobody takes over. */
const sequencer = ({ onMessage = "effects.execute(message.command);", more = "", fields = "command" } = {}): string => `
import { command, defineProtocol, union, uint, UsageError } from "paxbench";
const rows = union({ ordered: { ${fields} } });
let lives = 0;
export default defineProtocol({
  name: "sequencer", title: "Sequencer", summary: "replica 0 orders", papers: [], messages: rows, records: rows, timers: [],
  options: { pace: { default: 1, doc: "none", allowed: "a number", parse: Number } }, ${more}
  create(env, effects) {
    lives++;
    return {
      restore(journal) { for (const { command } of journal) effects.execute(command); },
      start() {}, onTimer() {}, status: () => ({}),
      onRequest(command) {
        if (env.self !== 0) return effects.forward(0, command);
        effects.broadcast(env.everyone, { type: "ordered", command });
      },
      onMessage(from, message) { ${onMessage} },
    };
  },
});`;

const suiteOf = (source: string, options = {}): Promise<ConformanceCase[]> => {
  const file = join(mkdtempSync(join(outside, "p-")), "sequencer.mjs");
  writeFileSync(file, source);
  return protocolSuite(pathToFileURL(file).href, options);
};

const namesOf = (cases: readonly ConformanceCase[]): string[] => cases.map(({ name }) => name);

const resultOf = async (cases: readonly ConformanceCase[], name: string): Promise<string> =>
  cases.find((one) => one.name === name)!.run().then(() => "passed", (error: Error) => error.message);

describe("a suite", () => {
  it("passes what holds, and says of the rest what is wrong and how to see it again", async () => {
    const cases = await suiteOf(sequencer());
    expect(await resultOf(cases, "three replicas")).toBe("passed");
    expect(await resultOf(cases, "messages survive the codec")).toBe("passed");
    const name = "a leader that dies and comes back from its journal";
    expect(await resultOf(cases, name)).toMatch(
      new RegExp(`^${name}\n  [a-z]+: .*(\n  .*)*\n  replay: paxbench test -p file:.*sequencer\\.mjs --only '${name}'$`),
    );
  });

  it("makes a failure under random faults small", async () => {
    const cases = await suiteOf(sequencer(), { seeds: 20 });
    expect(await resultOf(cases, "random faults, seeds 1 to 20")).toMatch(/^ {2}seed \d+, \w+: (.|\n)*\n {2}replay: paxbench fuzz -p file:\S+ --seed \d+ --seeds 1 .*--faults [\d,]+$/m);
  });

  const broken: readonly (readonly [string, string, string, RegExp])[] = [
    ["a protocol that throws", "three replicas", sequencer({ onMessage: "throw new TypeError('out of order');" }), /TypeError: out of order/],
    ["a protocol that never answers", "two replicas", sequencer({ onMessage: "" }), /^ {2}liveness: no request was answered$/m],
    ["a run that depends on more than its seed", "the same run with the same seed, another with another",
      sequencer({ fields: "command, life: uint" }).replace("command });\n      },\n      onMessage", "command, life: lives });\n      },\n      onMessage"),
      /^ {2}message 2 of a run was .*"life":5}, and of the same run again .*"life":10}$/m],
    ["a codec that loses something", "messages survive the codec",
      sequencer({ more: "messages: { ...rows, read: (reader) => ({ ...rows.read(reader), type: 'lost' }) }," }), /^ {2}\{"type":"ordered".* came back as \{"type":"lost"/m],
  ];
  it.each(broken)("finds %s", async (_, name, source, complaint) => {
    expect(await resultOf(await suiteOf(source), name)).toMatch(complaint);
  });

  it("leaves out what the protocol refuses", async () => {
    const more = "validate(replicas) { if (replicas < 5) throw new UsageError('too few'); },";
    const names = namesOf(await suiteOf(sequencer({ more }), { seeds: 3 }));
    expect(names).toEqual(expect.arrayContaining(["seven replicas", "two of five down at once", "random faults, seeds 1 to 3"]));
    expect(names).not.toContain("three replicas");
  });

  it.each([
    ["an option that the protocol lacks", sequencer(), { options: { speed: "1" } }, "sequencer has no option speed: allowed: pace"],
    ["options that go with no number of replicas", sequencer({ more: "validate() { throw new UsageError('pace: allowed is less'); }," }), {}, "pace: allowed is less"],
  ])("refuses %s", async (_, source, options, message) => {
    await expect(suiteOf(source, options)).rejects.toThrow(message);
  });

  it("refuses what is no protocol", async () => {
    await expect(protocolSuite("./gone")).rejects.toThrow("no protocol at ./gone: there is no such file or folder");
  });
});
