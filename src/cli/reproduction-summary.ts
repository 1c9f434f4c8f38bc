import type { ReproducedFigure, ReproducedPoint, ReproductionFile } from "../experiment/reproduce/reproduction.ts";
import { figure as number, table } from "./table.ts";

/** What a reproduction shows in the terminal: figure by figure, point by point. */
export const reproductionSummary = ({ figures }: ReproductionFile): string => figures.map(figureText).join("\n\n\n");

const figureText = (figure: ReproducedFigure): string =>
  [
    `${figure.id}: ${figure.title}\n${figure.paper}; ${figure.figure}\nsimulated: all times of ours are virtual${figure.costs === null ? "" : `; CPU costs ${figure.costs}`}`,
    pointTable(figure),
    `what the paper ran: ${figure.setup}`,
    ...listed("not said by the paper, and inferred", figure.inferred),
    ...listed("different here", figure.differs),
    ...listed("read", figure.points.flatMap(({ series, at, note }) => (note === null ? [] : [`${series}, ${at}: ${note}`]))),
    ...listed("ours", figure.points.flatMap(({ series, at, remark }) => (remark === null ? [] : [`${series}, ${at}: ${remark}`]))),
    verdict(figure),
  ].join("\n\n");

const pointTable = ({ points, unit, relativeTo }: ReproducedFigure): string => {
  const theory = points.some((point) => point.theory !== null);
  const measured = points.some((point) => point.measured !== null);
  const shown = relativeTo === null ? unit : `× ${relativeTo}`;
  const header = [
    "series", "at", `paper${shown === "" ? "" : `, ${shown}`}`, ...(theory ? ["closed form"] : []), "ours", ...(theory ? ["to closed form"] : []), "to paper", "",
    ...(measured ? [`printed, ${unit}`, `ours, ${unit}`] : []),
  ];
  return table(
    header,
    points.map((point) => [
      point.series, String(point.at), paper(point),
      ...(theory ? [value(point.theory)] : []),
      point.range === null ? value(point.ours) : point.range.map(number).join(" … "),
      ...(theory ? [share(point.offTheory)] : []),
      share(point.offPaper),
      point.agrees === null ? "?" : point.agrees ? "✓" : "✗",
      ...(measured ? [value(point.printed), value(point.measured)] : []),
    ]),
  );
};

/** "≥ 10,000", "87.0 ± 2 (plot)". */
const paper = ({ paper: printed, error, atLeast, readOffPlot }: ReproducedPoint): string =>
  [atLeast ? "≥ " : "", value(printed), error === 0 ? "" : ` ± ${Number(error.toPrecision(2))}`, readOffPlot ? " (plot)" : ""].join("");

const value = (given: number | string | null): string => (given === null ? "–" : typeof given === "string" ? given : number(given));

const share = (off: number | null): string => (off === null ? "–" : `${off < 0 ? "−" : "+"}${Math.abs(off * 100).toFixed(1)} %`);

const listed = (title: string, items: readonly string[]): string[] => (items.length === 0 ? [] : [[`${title}:`, ...items.map((item) => `  ${item}`)].join("\n")]);

const verdict = ({ points, tolerance }: ReproducedFigure): string => {
  const count = (agrees: boolean | null): number => points.filter((point) => point.agrees === agrees).length;
  const bound = `tolerance ${Number((tolerance.share * 100).toPrecision(3))} % of the paper's value${tolerance.share === 0 ? "" : ", and the error of reading it"} (${tolerance.why})`;
  const missing = count(null);
  return `${count(true)} of ${points.length} within it, ${count(false)} beyond${missing === 0 ? "" : `, ${missing} not measured`}: ${bound}`;
};
