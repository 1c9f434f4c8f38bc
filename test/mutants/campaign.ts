/**
 * All mutants, from several first seeds each; those that chance does not find, by their schedules; and the protocols as
 * they are. Writes the tables of docs/mutants.md. Five minutes of two cores with 1000 seeds from 3 first ones, unchanged 0:
 *
 *     node test/mutants/campaign.ts [--seeds 2000] [--starts 5] [--unchanged 10000] [--only ID,ID]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { mutants } from "./catalog.ts";
import { hunt, huntUnchanged, judgesOf, scheduleFails } from "./hunt.ts";
import type { Catch } from "./hunter.ts";
import type { Judge, Mutant } from "./mutant.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    starts: { type: "string", default: "5" },
    unchanged: { type: "string", default: "10000" },
    only: { type: "string" },
  },
});
const seeds = Number(values.seeds);
const unchanged = Number(values.unchanged);
/** Seeds within which a mutant counts as found by chance: the protocols as they are get a hundred times as many (campaigns/unchanged.ts). */
const bound = 300;
const only = values.only?.split(",");
/** Far enough from each other, and from the seeds that the tests use. */
const firstSeeds = Array.from({ length: Number(values.starts) }, (_, start) => 1_000_000 * (start + 1));
const protocols = ["multipaxos", "raft", "omnipaxos", "epaxos"];
const page = new URL("../../docs/mutants.md", import.meta.url);

/** As many at a time as there are cores, results in the order of the tasks. */
const inParallel = async <T, R>(tasks: readonly T[], work: (task: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < tasks.length) {
      const place = next++;
      results[place] = await work(tasks[place]!);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
};

/** Of an odd number. */
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

const judgesText = (catches: readonly Catch[]): string => {
  const counts = new Map<Judge, number>();
  for (const judge of catches.flatMap(judgesOf)) counts.set(judge, (counts.get(judge) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([judge]) => judge).join(", ");
};

interface Row {
  readonly cells: readonly string[];
  /** Chance found it within the bound, by the median; from one of the first seeds at least. */
  readonly within: boolean;
  readonly some: boolean;
  /** By its schedule, if not within the bound. */
  readonly caught: boolean;
}

const rowOf = async (mutant: Mutant): Promise<Row> => {
  const report = await hunt(mutant, firstSeeds, seeds);
  const catches = report.filter((found) => found !== null);
  const strangers = catches.filter((found) => !judgesOf(found).some((judge) => mutant.judges.includes(judge)));
  for (const { seed, findings } of strangers) console.error(`${mutant.id}: seed ${seed}: not the judge expected: ${JSON.stringify(findings[0])}`);
  const middle = median(report.map((found) => found?.runs ?? Infinity));
  const measured = middle < Infinity ? String(middle) : `> ${seeds}`;
  const share = catches.length === report.length ? "" : ` (${catches.length} of ${report.length})`;
  const fails = mutant.schedule !== undefined && scheduleFails(mutant);
  const schedule = mutant.schedule === undefined ? "" : fails ? `\`${mutant.schedule.file.split("/").slice(1).join("/")}\`: ${mutant.schedule.test}` : "does not fail";
  const found = catches.length > 0 ? judgesText(catches) : fails ? "by schedule only" : "nobody";
  console.error(`${mutant.id}: ${measured}${share}: ${found} ${schedule}`);
  const cells = [mutant.id, mutant.what, found, measured + share, [schedule, mutant.why ?? ""].filter((text) => text !== "").join("; ")];
  const within = middle <= bound;
  return { cells, within, some: catches.length > 0, caught: strangers.length === 0 && (within || fails) };
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const tasks = mutants.filter(({ id, protocol }) => only === undefined || only.includes(id) || only.includes(protocol));
const rows = await inParallel(tasks, rowOf);

const complaints: string[] = [];
if (unchanged > 0) {
  await inParallel(protocols, async (protocol) => {
    const [found] = await huntUnchanged(protocol, firstSeeds[0]!, unchanged);
    if (found !== null) complaints.push(`${protocol}: seed ${found!.seed}: ${JSON.stringify(found!.findings[0])}`);
  });
}
for (const complaint of complaints) console.error(complaint);

if (only === undefined) {
  const count = (holds: (row: Row) => boolean): number => rows.filter(holds).length;
  const silence = complaints.length === 0 ? "no complaint" : complaints.join("; ");
  const text = [
    `${rows.length} mutants; up to ${seeds} seeds from each of ${firstSeeds.length} first seeds. Chance finds ${count(({ within }) => within)} within ${bound} seeds, by the`,
    `median, and ${count(({ within, some }) => some && !within)} more seldom; these and the other ${count(({ some }) => !some)} count as found by their schedules alone. Found by the one or the other: ${count(({ caught }) => caught)}.`,
    ...(unchanged === 0 ? [] : [`The protocols as they are: ${unchanged} seeds each, ${silence}.`]),
    "",
    table(["id", "mistake", "who complains", "seeds, median", "schedule; remarks"], rows.map(({ cells }) => cells)),
  ].join("\n");
  const [begin, end] = ["<!-- campaign -->", "<!-- /campaign -->"];
  const before = readFileSync(page, "utf8");
  writeFileSync(page, `${before.slice(0, before.indexOf(begin) + begin.length)}\n${text}\n${before.slice(before.indexOf(end))}`);
}
process.exitCode = complaints.length === 0 && rows.every(({ caught }) => caught) ? 0 : 1;
