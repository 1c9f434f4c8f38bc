/** Draws the figure of docs/questions.md, fourth question, from the table of docs/scenarios.md: `node test/questions/partial-connectivity.ts`. */
import { readFileSync } from "node:fs";
import { drawTo } from "./figure.ts";

const shown = ["quorum-loss", "constrained", "chained"];
/** Longer than the scenarios leave anything cut. */
const never = 33;

interface Row {
  readonly scenario: string;
  readonly protocol: string;
  readonly who: string;
  readonly median: number;
  readonly worst: number;
}

/** `3.5 (4.0)`: median and worst of 20 seeds, T. */
const spread = (cell: string): { readonly median: number; readonly worst: number } => {
  const [median, worst] = /^(\S+) \((\S+)\)$/.exec(cell)!.slice(1).map((value) => (value === "never" ? never : Number(value))) as [number, number];
  return { median, worst };
};

const rows = readFileSync(new URL("../../docs/scenarios.md", import.meta.url), "utf8")
  .split("<!-- table -->")[1]!
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter(([, scenario]) => shown.includes(scenario!))
  .flatMap(([, scenario, protocol, any, every]): Row[] => [
    { scenario: scenario!, protocol: protocol!, who: "any client", ...spread(any!) },
    { scenario: scenario!, protocol: protocol!, who: "every client", ...spread(every!) },
  ]);

const order = [...new Set(rows.map(({ protocol }) => protocol))];
const x = { type: "quantitative", title: "election timeouts until a reply (virtual time)", scale: { domain: [0, never] }, axis: { values: [0, 5, 10, 15, 20, 25, 30, never], labelExpr: `datum.value === ${never} ? 'never' : format(datum.value, 'd')` } };
const y = { field: "protocol", type: "nominal", sort: order, title: null };
const colour = { field: "who", type: "nominal", scale: { domain: ["any client", "every client"], range: ["#0072B2", "#D55E00"] }, legend: { orient: "top" } };
const offset = { field: "who", type: "nominal" };

await drawTo(
  "question-partial-connectivity",
  "Who still has service when links are cut — simulated (virtual time)",
  ["from the first cut to a reply to a request issued after the last cut, 20 seeds: mark at the median, line to the worst", "election timeout 1 s (EPaxos: retry), round trips of 20 ms, 30 % of commands on one key; scenarios of Ng, Haridi, Carbone, EuroSys 2023"],
  {
    data: { values: rows },
    facet: { row: { field: "scenario", type: "nominal", sort: shown, header: { labelAnchor: "start", labelOrient: "top", labelPadding: 2 } } },
    spacing: 12,
    spec: {
      width: 520,
      height: { step: 15 },
      layer: [
        { mark: { type: "rule", strokeWidth: 2 }, encoding: { x: { field: "median", ...x }, x2: { field: "worst" }, y, yOffset: offset, color: colour } },
        { mark: { type: "point", filled: true, size: 70, opacity: 1 }, encoding: { x: { field: "median", ...x }, y, yOffset: offset, color: colour, shape: { field: "who", type: "nominal", scale: { domain: ["any client", "every client"], range: ["circle", "square"] } } } },
      ],
    },
  },
);
