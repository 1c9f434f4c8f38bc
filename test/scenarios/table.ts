/** Writes the table of docs/scenarios.md: `node test/scenarios/table.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { measure, median, seeds, subjects, type Measured, type SubjectName } from "./measure.ts";

const scenarios: Readonly<Record<string, number>> = {
  "quorum-loss": 5, constrained: 5, chained: 3, "leader-isolated": 5, "follower-isolated": 5, ring: 5, "leader-deaf": 5, "leader-mute": 5,
};

/** The paper's Table 1, and in T what its artifact's plots show (± 10 %). */
const published: Readonly<Record<string, Partial<Record<SubjectName, string>>>> = {
  "quorum-loss": {
    omnipaxos: "progress; ≈ 4", raft: "unavailable (plots: ≈ 3.5–4)", raftBoth: "≈ 2.8–4", multipaxos: "unavailable",
  },
  constrained: { omnipaxos: "progress; ≈ 3", raft: "unavailable", raftBoth: "unavailable", multipaxos: "progress; ≈ 3" },
  chained: { omnipaxos: "progress", raft: "unavailable (plots: progress)", raftBoth: "progress", multipaxos: "unavailable (plots: 18–28 % slower)" },
};

const turns = (value: number): string => (value === Infinity ? "never" : value.toFixed(1));
const spread = (values: readonly number[]): string => `${turns(median(values))} (${turns(Math.max(...values))})`;

const row = (scenario: string, name: SubjectName, runs: readonly Measured[]): string => {
  const of = (what: "anyClient" | "everyClient" | "stall" | "settled"): string => spread(runs.map((run) => run[what]));
  const changes = runs.map(({ leaderChanges }) => leaderChanges);
  const cells = [
    scenario, subjects[name].title, of("anyClient"), of("everyClient"), of("stall"), `${median(changes)} (${Math.max(...changes)})`,
    `${Math.round(100 * median(runs.map(({ rate }) => rate)))} %`, of("settled"), published[scenario]?.[name] ?? "",
  ];
  return `| ${cells.join(" | ")} |`;
};

const rows = Object.entries(scenarios).flatMap(([scenario, replicas]) =>
  (Object.keys(subjects) as SubjectName[]).map((name) => {
    const runs = seeds.map((seed) => measure(subjects[name], scenario, replicas, seed));
    for (const { complaints } of runs) if (complaints.length > 0) throw new Error(`${scenario}, ${name}: ${complaints.join("; ")}`);
    const line = row(scenario, name, runs);
    console.log(line);
    return line;
  }));

const file = fileURLToPath(new URL("../../docs/scenarios.md", import.meta.url));
const mark = "<!-- table -->\n";
const [text] = readFileSync(file, "utf8").split(mark) as [string];
const header = ["scenario", "protocol", "any client", "every client", "longest stall", "leader changes", "rate", "settled", "published"];
writeFileSync(file, `${text}${mark}| ${header.join(" | ")} |\n|${header.map(() => " --- |").join("")}\n${rows.join("\n")}\n`);
