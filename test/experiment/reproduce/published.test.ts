import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UsageError } from "paxbench";
import { builtIn } from "../../../src/experiment/input.ts";
import { planReproduction, type PlannedReproduction } from "../../../src/experiment/reproduce/plan.ts";
import { loadPublished, publishedIds } from "../../../src/experiment/reproduce/published.ts";
import { reproductionOf } from "../../../src/experiment/reproduce/reproduction.ts";

const planned = (...ids: string[]): Promise<PlannedReproduction> => planReproduction(ids.map(loadPublished), 1, ".");

describe("every published figure", () => {
  it.each(publishedIds())("%s: can be planned; what was read off a plot has an error; every work is somebody's", async (id) => {
    const { figures, works } = await planned(id);
    const { published, points } = figures[0]!;
    expect(published.paper).toMatch(/, (SOSP|EuroSys|NSDI|USENIX ATC) 20\d\d$/);
    for (const { point } of points) expect([point.at, point.readOffPlot ? point.error > 0 : point.error]).toEqual([point.at, point.readOffPlot ? true : 0]);
    expect(new Set(points.flatMap((point) => point.works))).toEqual(new Set(works));
  });

  it("stands in docs/reproduce.md", () => {
    expect(existsSync("docs/reproduce.md")).toBe(true);
    const page = readFileSync("docs/reproduce.md", "utf8");
    expect(publishedIds().filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
  });

  it("is refused under another name, with those that there are", () => {
    expect(() => loadPublished("fig0")).toThrow(new UsageError(`no published figure fig0: allowed: ${[...builtIn("published").keys()].join(", ")}, all`));
  });
});

/** By series, rounded ms. */
const theories = async (id: string) => {
  const reproduction = await planned(id);
  const [figure] = reproductionOf(reproduction, new Map(), 1, true).figures;
  expect(figure!.points.every(({ agrees }) => agrees === null)).toBe(true);
  return Object.groupBy(figure!.points.map(({ series, theory }) => ({ series, theory: Math.round(theory!) })), ({ series }) => series);
};
const only = (points: readonly { theory: number }[] | undefined) => points!.map(({ theory }) => theory);

describe("closed forms, computed before and apart from this code", () => {
  it("SwiftPaxos, 13 regions", async () => {
    const { Paxos, "EPaxos, no conflicts": epaxos } = await theories("swiftpaxos-fig7a");
    expect([only(Paxos), only(epaxos)]).toEqual([[237], [197]]);
  });

  it("Atlas, 3 to 13 sites", async () => {
    const { EPaxos: epaxos, "FPaxos f=1": one, "FPaxos f=2": two } = await theories("atlas-fig5");
    expect(only(epaxos)).toEqual([288, 272, 282, 236, 246, 226]);
    expect(only(one)).toEqual([429, 421, 335, 335, 335, 335]);
    expect(only(two)).toEqual([429, 421, 421, 389, 358]);
  });

  it("EPaxos, 5 sites", async () => {
    const { "EPaxos 0 %": none, "EPaxos 100 %": all, "Multi-Paxos": leader } = await theories("epaxos-fig4-5");
    expect([only(none), only(all), only(leader)]).toEqual([[85, 85, 81, 127, 156], [170, 170, 162, 254, 312], [170, 85, 106, 203, 241]]);
  });
});
