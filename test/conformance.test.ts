/** Every folder of protocols/, by path: through the door that a stranger's protocol takes. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { protocolSuite } from "paxbench/testing";

const folder = new URL("../protocols/", import.meta.url);
const suites = await Promise.all(readdirSync(folder).map(async (name) => ({ name, cases: await protocolSuite(new URL(name, folder).href) })));

describe.each(suites)("$name", ({ cases }) => {
  it.each(cases)("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
