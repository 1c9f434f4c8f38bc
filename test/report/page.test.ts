import type { TopLevelSpec } from "vega-lite";
import { describe, expect, test } from "vitest";
import { html } from "../../src/report/html.ts";
import { page as pageOf, type Timelines } from "../../src/report/page.ts";
import type { ResultFile } from "../../src/experiment/result.ts";
import { resultOf, run, silent, sourceOf, world } from "./fixture.ts";

const page = (result: ResultFile, timelines: Timelines = new Map()): string =>
  pageOf({ sources: [sourceOf(result)], sections: [], drawings: new Map(), timelines });

test("html escapes values, in text and in attributes, and nothing twice", () => {
  const hostile = `<script>"&'`;
  const escaped = "&#60;script&#62;&#34;&#38;&#39;";
  const inner = html`<b title="${hostile}">${hostile}</b>`;
  expect(inner.text).toBe(`<b title="${escaped}">${escaped}</b>`);
  expect(html`<p>${[inner, inner]}${3}</p>`.text).toBe(`<p>${inner.text}${inner.text}3</p>`);
});

describe("page", () => {
  test("a row for each run, with what was measured", () => {
    const text = page(world);
    for (const { title } of world.runs) expect(text).toContain(`<td>${title}</td>`);
    expect(text).toMatch(/<td>12,345<\/td><td>75<\/td><td>158<\/td><td>54<\/td><td>72<\/td><td>81 %<\/td><td>8<\/td><td>400<\/td>/);
  });

  test("says how it ended: held, failed, undecided, cut short", () => {
    expect(page(world)).toContain("✓ Every check held in every run.");
    const checks = { ...run(0).checks, ledger: false, linearizable: "unknown" } as const;
    const violations = [{ check: "ledger", detail: "key a&b" } as const];
    const text = page({ ...resultOf(run(0, { checks, violations }), run(1)), incomplete: true });
    expect(text).not.toContain("✓ Every check");
    expect(text).toContain("✗ Failed in 1 of 2 runs: ledger.");
    expect(text).toContain("? Not decided in every run: linearizable.");
    expect(text).toContain("Incomplete");
    expect(text).toContain("key a&#38;b");
  });

  test("links to why a history is not linearizable", () => {
    const violations = [{ check: "linearizable", detail: "key \"k\"" } as const];
    const refuted = run(1, { violations });
    const text = page(resultOf(run(0), refuted), new Map([[refuted, "1-b-linearizability.html"]]));
    expect([...text.matchAll(/<a href="((?!tables)[^"]*)"/g)].map((match) => match[1])).toEqual(["1-b-linearizability.html"]);
  });

  test("a check that an older result lacks is undecided, not failed", () => {
    const { invariants, ...older } = run(0).checks;
    const text = page(resultOf(run(0, { checks: older as typeof older & { invariants: typeof invariants } }), run(1)));
    expect(text).toContain("? Not decided in every run: invariants.");
    expect(text).not.toContain("✗");
  });

  test("tells what a scenario did, and what a protocol's model excludes", () => {
    const faults = { injected: { crash: 2, restart: 1 }, excluded: { wipe: 1 }, events: [], recoveredAfterMs: 1500 };
    const text = page(resultOf(run(0, { faults }), run(1)));
    expect(text).toContain("<td>2 × crash, 1 × restart</td><td>1 × wipe</td><td>120 ms</td><td>1.5 s</td>");
    expect(page(world)).not.toContain("Faults");
  });

  test("an empty result claims nothing", () => {
    const text = page({ ...resultOf(), incomplete: true });
    expect(text).toContain("Incomplete");
    expect(text).not.toContain("✓");
  });

  test("says that time was virtual, and only then", () => {
    expect(page(world)).toContain("virtual time");
    expect(page(resultOf(run(0, { simulated: false })))).not.toContain("virtual");
  });

  test("nothing measured is no number", () => {
    expect(page(resultOf(silent(0)))).toMatch(/<td>0<\/td><td>–<\/td><td>–<\/td><td>–<\/td><td>–<\/td><td>–<\/td>/);
  });

  test("names of protocols and sites cannot become markup", () => {
    const text = page(resultOf(run(0, { title: "<img src=x>", leader: "<i>", replay: "paxbench run --set 'a<b'" })));
    expect(text).not.toMatch(/<img|<i>|a<b/);
    expect(text).toContain("&#60;img src=x&#62;");
  });

  test("drawings keep their own clip paths", () => {
    const svg = `<svg><clipPath id="clip1"/><g clip-path="url(#clip1)"/></svg>`;
    const figures = ["one", "two"].map((name) => ({ name, spec: {} as TopLevelSpec }));
    const section = { title: "", conditions: "", certainty: "", findings: [], figures, tables: [] };
    const text = pageOf({ sources: [sourceOf(world)], sections: [section], drawings: new Map([["one", svg], ["two", svg]]), timelines: new Map() });
    const ids = [...text.matchAll(/clipPath id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(text).toContain(`url(#${id})`);
  });
});
