import { Flags } from "@oclif/core";
import { UsageError } from "../../core/errors.ts";
import { parseSettings, wholeNumber } from "../../core/option.ts";
import { Command } from "../command.ts";

const caseFailed = 1;

interface TestResult {
  readonly schema: "paxbench.test/1";
  readonly protocol: string;
  /** `detail`: null for a case that passed. */
  readonly cases: readonly { readonly name: string; readonly passed: boolean; readonly detail: string | null }[];
}

export default class Test extends Command {
  static override summary = "What every protocol must hold, case by case: codecs, crashes, cuts, slow disks, same seed same run, random faults.";
  static override description = "The same cases that paxbench/testing hands to a test runner. Exit code 1: a case failed. A step that never returns stops it: paxbench fuzz says at which seed.";
  static override examples = ["paxbench test -p ./my-protocol", "paxbench test -p ./my-protocol --only 'a leader that dies'"];
  static override enableJsonFlag = true;
  static override flags = {
    protocol: Flags.string({ char: "p", required: true, helpValue: "NAME", description: "built-in name, path or package" }),
    only: Flags.string({ default: "", helpValue: "TEXT", description: "the cases with this in their name" }),
    seeds: Flags.string({ default: "50", helpValue: "N", description: "runs under random faults" }),
    set: Flags.string({ multiple: true, default: [], helpValue: "KEY=VALUE", description: "an option of the protocol" }),
  };

  async run(): Promise<TestResult> {
    const { flags } = await this.parse(Test);
    const { protocolSuite } = await import("../../testing/suite.ts");
    const suite = await protocolSuite(flags.protocol, {
      options: Object.fromEntries(parseSettings(flags.set)),
      seeds: seedsOf(flags.seeds),
    });
    const chosen = suite.filter(({ name }) => name.includes(flags.only));
    if (chosen.length === 0) throw new UsageError(`--only ${flags.only}: no case has this in its name; allowed: part of ${suite.map(({ name }) => `"${name}"`).join(", ")}`);
    const cases: TestResult["cases"][number][] = [];
    for (const { name, run } of chosen) {
      const detail = await run().then(() => null, messageOf);
      this.log(detail === null ? `✓ ${name}` : `✗ ${detail}`);
      cases.push({ name, passed: detail === null, detail });
    }
    const failed = cases.filter(({ passed }) => !passed).length;
    this.log(`\n${flags.protocol}: ${failed === 0 ? `all ${cases.length} cases passed` : `${failed} of ${cases.length} cases failed`}`);
    process.exitCode = failed === 0 ? 0 : caseFailed;
    return { schema: "paxbench.test/1", protocol: flags.protocol, cases };
  }
}

const seedsOf = (text: string): number => {
  const option = wholeNumber(50, 1, 1_000_000, "");
  const seeds = option.parse(text);
  if (seeds === undefined) throw new UsageError(`--seeds ${text}: allowed is ${option.allowed}`);
  return seeds;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
