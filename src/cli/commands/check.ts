import { accessSync, constants, existsSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { getHeapStatistics } from "node:v8";
import { Args, Flags } from "@oclif/core";
import { HistoryReader } from "../../check/history-reader.ts";
import type { HistoryOperation } from "../../check/history.ts";
import { checkLinearizability, type Verdict } from "../../check/linearizability/check.ts";
import { kv } from "../../check/linearizability/kv.ts";
import { witnessJson, type WitnessJson } from "../../check/linearizability/witness-json.ts";
import { witnessText } from "../../check/linearizability/witness-text.ts";
import { viewOf } from "../../check/linearizability/witness-view.ts";
import { UsageError } from "../../core/errors.ts";
import { millisecond } from "../../core/ids.ts";
import { parseDuration } from "../../core/option.ts";
import { Command } from "../command.ts";
import { linesOf } from "../lines.ts";
import { bar, ProgressLine } from "../progress.ts";

const checkFailed = 1;
const undecided = 3;

const mebibyte = 2 ** 20;
/** Share of the heap that a history may take; what the check makes of it needs the rest. */
const historyShare = 0.4;

interface CheckResult {
  readonly linearizable: boolean | "unknown";
  readonly operations: number;
  readonly keys: number;
  /** Reading and judging. */
  readonly elapsedMs: number;
  readonly witness: WitnessJson | null;
  /** Only for "unknown": the limit that was reached, and the keys that were left undecided. */
  readonly reason?: "time" | "memory";
  readonly undecided?: readonly string[];
}

export default class Check extends Command {
  static override summary = "Verdict on a recorded history: is there an order of its operations that explains what clients saw?";
  static override description =
    "FILE holds one JSON object a line, in real-time order: process, type (invoke, ok, fail, info), f (read, write, cas, append, swap, delete, scan, txn), key, value, time. Exit code 0: linearizable, 1: not, 3: not decided within the limits.";
  static override examples = ["paxbench check results/latest/history.jsonl", "paxbench check history.jsonl --html why.html", "paxbench check history.jsonl --timeout 10m --json"];
  static override enableJsonFlag = true;
  static override args = {
    file: Args.string({ required: true, description: "history, JSON Lines" }),
  };
  static override flags = {
    model: Flags.string({ default: "kv", options: ["kv"], description: "what the operations are on: a key-value store" }),
    html: Flags.string({ helpValue: "FILE", description: "where to draw a refutation as a timeline" }),
    timeout: Flags.string({ default: "60s", helpValue: "TIME", description: "when to give up" }),
    memory: Flags.string({ default: "1024", helpValue: "MIB", description: "what the search may remember" }),
  };

  async run(): Promise<CheckResult> {
    const { args, flags } = await this.parse(Check);
    const timeout = parseDuration(flags.timeout);
    if (timeout === undefined) throw new UsageError(`--timeout ${flags.timeout}: allowed is a number with us, ms, s or m, like 60s`);
    if (!/^[1-9]\d{0,6}$/.test(flags.memory)) throw new UsageError(`--memory ${flags.memory}: allowed is a whole number of MiB in 1..9999999`);

    if (flags.html !== undefined) mustBeWritable(flags.html);

    const started = clock();
    const deadline = started + timeout / millisecond;
    const line = new ProgressLine();
    const reader = new HistoryReader(args.file);
    const unread = readHistory(reader, args.file, deadline, line);
    const keys = reader.keys.length;
    const verdict =
      unread ??
      checkLinearizability(reader.operations, kv, {
        clock,
        deadline,
        memory: Number(flags.memory) * mebibyte,
        progress: (share) => line.show(`${bar(share)}  ${reader.invoked} operations on ${keys} keys`),
      });
    line.clear();

    const elapsedMs = Math.round(clock() - started);
    if (flags.html !== undefined && verdict.linearizable === false) {
      const { timelinePage } = await import("../../report/timeline/page.ts");
      const page = timelinePage(viewOf(verdict.witness, kv), { source: basename(args.file), operations: reader.invoked, keys });
      writeFileSync(flags.html, page);
    }
    this.#show(verdict, `${unread === undefined ? "" : "the first "}${counted(reader.invoked, "operation")} on ${counted(keys, "key")}, ${(elapsedMs / 1000).toFixed(1)} s`);
    process.exitCode = verdict.linearizable === "unknown" ? undecided : verdict.linearizable ? 0 : checkFailed;
    return {
      linearizable: verdict.linearizable,
      operations: reader.invoked,
      keys,
      elapsedMs,
      witness: verdict.linearizable === false ? witnessJson(verdict.witness) : null,
      ...(verdict.linearizable === "unknown" && { reason: verdict.reason, undecided: verdict.keys }),
    };
  }

  #show(verdict: Verdict<HistoryOperation>, size: string): void {
    if (verdict.linearizable === true) this.log(`linearizable: ${size}`);
    else if (verdict.linearizable === false) this.log(`not linearizable: ${size}\n\n${witnessText(verdict.witness, kv)}`);
    else {
      const limit = verdict.reason === "time" ? "the time is up (--timeout)" : "the memory is used up (--memory)";
      this.log(`unknown: ${size}; ${limit} with ${counted(verdict.keys.length, "key")} undecided`);
    }
  }
}

const clock = (): number => performance.now();

/** Said before the work, not after it. An older file is overwritten. */
const mustBeWritable = (file: string): void => {
  const target = existsSync(file) ? file : dirname(file);
  try {
    accessSync(target, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--html ${file}: cannot write there (${(error as NodeJS.ErrnoException).code ?? String(error)}); allowed is a file in a folder that can be written`);
  }
  if (target === file && statSync(file).isDirectory()) throw new UsageError(`--html ${file}: a folder; allowed is a file`);
};

/** Fills `reader`. A verdict only where a limit came first: then nothing is decided. */
const readHistory = (reader: HistoryReader, file: string, deadline: number, progress: ProgressLine): Verdict<HistoryOperation> | undefined => {
  const memory = getHeapStatistics().heap_size_limit * historyShare;
  let lines = 0;
  for (const line of linesOf(file)) {
    reader.read(line);
    if (++lines % 4096 !== 0) continue;
    if (clock() >= deadline) return { linearizable: "unknown", reason: "time", keys: reader.keys };
    if (reader.bytes > memory) return { linearizable: "unknown", reason: "memory", keys: reader.keys };
    progress.show(`reading ${file}: ${lines} lines`);
  }
  reader.end();
  return undefined;
};

const counted = (count: number, noun: string): string => `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
