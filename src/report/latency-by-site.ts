import type { TopLevelSpec } from "vega-lite";
import type { SiteResult } from "../experiment/result.ts";
import { valueAxis } from "./value-axis.ts";
import { distinct, median } from "./list.ts";
import type { Series, Setting } from "./setting.ts";
import { frame, ink, unit, wrapped } from "./theme.ts";

/** Px of each series at each site, and between two sites. */
const rowHeight = 17;
const gapHeight = 16;

/** Response latency that the clients of each site saw, beside the least that the network allows. */
export function latencyBySite(setting: Setting): TopLevelSpec | null {
  const { series, runs } = setting;
  const rows = series.flatMap(siteRows);
  if (rows.length === 0) return null;

  const sites = distinct(rows.map((row) => row.site));
  const floors = sites.flatMap((site) => floorOf(site, runs.flatMap((run) => run.sites)));
  const shown = [...rows.flatMap((row) => [row.p50, row.p99]), ...floors.map((one) => one.floor)];

  const labels = series.map((one) => one.label);
  // One legend for all marks: those of the series, then the two that every series shares.
  const legend = [
    ...series.map((one) => ({ label: one.label, colour: one.look.colour, shape: one.look.shape })),
    { label: "to the 99th percentile", colour: "#a6a6a6", shape: "M-1,-.12H.76V-.6H1V.6H.76V.12H-1Z" },
    ...(floors.length > 0 ? [{ label: "floor: nearest-majority round trip", colour: ink, shape: "M-.12,-1H.12V1H-.12Z" }] : []),
  ];
  const domain = legend.map((entry) => entry.label);
  const colour = {
    field: "series",
    type: "nominal",
    scale: { domain, range: legend.map((entry) => entry.colour) },
    legend: wrapped(domain),
  } as const;
  const shape = {
    field: "series",
    type: "nominal",
    scale: { domain, range: legend.map((entry) => entry.shape) },
    legend: wrapped(domain),
  } as const;
  const band = series.length * rowHeight + gapHeight;
  const y = {
    field: "site",
    type: "nominal",
    sort: sites,
    scale: { padding: gapHeight / band },
    axis: { title: null, domain: false, ticks: false, labelPadding: 10, labelFontSize: 13 },
  } as const;
  const yOffset = { field: "series", type: "nominal", sort: labels, scale: { domain: labels } } as const;

  return {
    ...frame(`Median response latency by site${runs.length > series.length ? ", the median of all runs" : ""}`, setting),
    width: 560,
    height: sites.length * band,
    data: { values: rows },
    encoding: { y },
    layer: [
      {
        data: { values: floors },
        mark: { type: "tick", orient: "vertical", height: { band: 1 }, thickness: 2.5, color: ink, opacity: 1 },
        encoding: { x: { field: "floor", type: "quantitative" } },
      },
      {
        mark: { type: "rule", strokeWidth: 2, opacity: 0.45 },
        encoding: { x: { field: "p50", type: "quantitative" }, x2: { field: "p99" }, yOffset, color: colour },
      },
      {
        mark: { type: "tick", orient: "vertical", height: 9, thickness: 2, opacity: 0.45 },
        encoding: { x: { field: "p99", type: "quantitative" }, yOffset, color: colour },
      },
      {
        mark: { type: "point", filled: true, size: 75, opacity: 1 },
        encoding: {
          x: valueAxis("p50", unit("response latency, ms", setting), shown),
          yOffset,
          color: colour,
          shape,
        },
      },
    ],
  };
}

/** Over several runs: the median of what each run's clients saw. */
function siteRows({ label, runs }: Series) {
  const sites = runs.flatMap((run) => run.result.sites).filter((site) => site.latencyMs.response.count > 0);
  return [...Map.groupBy(sites, (site) => site.site)].map(([site, results]) => ({
    site,
    series: label,
    p50: median(results.map((one) => one.latencyMs.response.p50)),
    p99: median(results.map((one) => one.latencyMs.response.p99)),
  }));
}

/** The floor is the network's, the same for every protocol. */
function floorOf(site: string, results: readonly SiteResult[]): { site: string; floor: number }[] {
  const floors = results.flatMap((one) => (one.site === site && one.floorMs !== null ? [one.floorMs] : []));
  return floors.slice(0, 1).map((floor) => ({ site, floor }));
}
