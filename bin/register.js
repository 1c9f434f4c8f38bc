// For tests of a protocol that lies elsewhere: `node --import paxbench/register --test`, or, where paxbench is not
// installed, `node --import <clone>/bin/register.js --test`. Modules then find this paxbench, and its TypeScript runs
// below node_modules, where Node itself strips no types.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

const home = new URL("../", import.meta.url).href;
const installed = home.includes("/node_modules/");

registerHooks({
  resolve: (specifier, context, next) =>
    /^paxbench(\/|$)/.test(specifier) ? next(specifier, { ...context, parentURL: import.meta.url }) : next(specifier, context),
  load: (url, context, next) =>
    installed && url.startsWith(home) && url.endsWith(".ts")
      ? { format: "module", source: stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8")), shortCircuit: true }
      : next(url, context),
});
