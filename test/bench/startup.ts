/**
 * How long people wait before anything happens: `node test/bench/startup.ts`. Wall clock from the start of the process to its
 * end, and for runs to the answer to their first command; CPU time of all processes beside it, which a busy machine blurs less.
 * Medians of interleaved rounds; the first, which fills Node's compile cache, is not counted.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const rounds = 5;
const root = fileURLToPath(new URL("../..", import.meta.url));
const launcher = join(root, "bin/run.js");
const folder = mkdtempSync(join(tmpdir(), "paxbench-startup-"));

interface Taken {
  /** ms. */
  readonly wall: number;
  readonly cpu: number;
}

/** A command line for the shell. `answered`: the time stops at the first answer that test/support/first-answer.ts tells of. */
interface Row {
  readonly name: string;
  readonly command: string;
  readonly answered?: boolean;
}

const workload = join(root, "test/support/first-answer.ts");
const run = (transport: string): string =>
  `"${process.execPath}" "${launcher}" run -p raft --transport ${transport} --workload "${workload}" --clients 1 ` +
  `--warmup 0ms --duration 500ms --out "${join(folder, "out")}"`;
const answers = join(folder, "answers");

const rows: readonly Row[] = [
  { name: "node itself", command: `"${process.execPath}" -e 0` },
  { name: "paxbench --help", command: `"${process.execPath}" "${launcher}" --help` },
  { name: "paxbench --help, by the Node on the path", command: `node "${launcher}" --help` },
  { name: "npx itself", command: "npx node -e 0" },
  { name: "npx paxbench --help", command: "npx paxbench --help" },
  { name: "first answer of a run, inproc", command: run("inproc"), answered: true },
  { name: "first answer of a run, tcp", command: run("tcp"), answered: true },
];

/** The Node that npm put first on the path is not the one that people have. */
const path = process.env["PATH"]!.split(":").filter((entry) => !entry.includes("node_modules")).join(":");

const measure = ({ command, answered }: Row): Taken => {
  for (const left of ["out", "answers"]) rmSync(join(folder, left), { recursive: true, force: true });
  const started = performance.timeOrigin + performance.now();
  const env = { ...process.env, PATH: path, FIRST_ANSWER: answers };
  const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", `${command}; echo; times`], { cwd: root, encoding: "utf8", env });
  const ended = performance.timeOrigin + performance.now();
  if (status !== 0) throw new Error(`${command}\n${stderr}`);
  const end = answered === true ? Math.min(...readFileSync(answers, "utf8").trim().split("\n").map(Number)) : ended;
  const [, minutesUser, user, minutesSystem, system] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout)!.map(Number);
  return { wall: end - started, cpu: (60 * (minutesUser! + minutesSystem!) + user! + system!) * 1000 };
};

const taken = rows.map((): Taken[] => []);
for (let round = 0; round <= rounds; round++) {
  for (const [i, row] of rows.entries()) {
    const one = measure(row);
    if (round > 0) taken[i]!.push(one);
  }
}
rmSync(folder, { recursive: true });

const median = (values: readonly number[]): string => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!.toFixed(0).padStart(6);
for (const [i, { name }] of rows.entries()) {
  const of = taken[i]!;
  console.log(`${name.padEnd(42)} ${median(of.map(({ wall }) => wall))} ms, all of it ${median(of.map(({ cpu }) => cpu))} ms of CPU`);
}
