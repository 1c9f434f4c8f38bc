#!/usr/bin/env node
// Starts paxbench, whose sources are TypeScript that Node runs as they are since 22.18. An older Node hands over to the
// one that `npm ci` installed beside us, so this file keeps to JavaScript that an older Node understands. Below
// node_modules Node strips no types: there every thread needs the hook of register.js, which only Node's options reach.
import { spawn } from "node:child_process";
import module from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);
const recent = major > 22 || (major === 22 && minor >= 18);
const register = new URL("register.js", import.meta.url).href;
const options = register.includes("/node_modules/") ? ["--disable-warning=ExperimentalWarning", "--import", register] : [];

if (recent && options.every((option) => process.execArgv.includes(option))) {
  // Halves the time to start. By the environment threads and processes that we start have it too.
  const { directory } = module.enableCompileCache();
  if (directory) process.env.NODE_COMPILE_CACHE ??= directory;
  process.env.OCLIF_DISABLE_ENGINE_WARNING ??= "1"; // to find out takes oclif as long as all our commands
  void import("../src/cli/main.ts").then(({ main }) => main(process.argv.slice(2)));
} else {
  const node = recent ? process.execPath : localNode();
  if (node) {
    runUnder(node);
  } else {
    console.error(`paxbench: needs Node 22.18 or newer, and this is ${process.version}`);
    process.exitCode = 2;
  }
}

/** The Node among our dependencies; some platforms have none. */
function localNode() {
  try {
    return module.createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch {
    return undefined;
  }
}

/** Runs the same command line under a Node as it must be, passes signals on, and ends as it ends. */
function runUnder(node) {
  const child = spawn(node, [...options, ...process.argv.slice(1)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const passOn = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  child.on("exit", (code, signal) => {
    for (const signal of signals) process.off(signal, passOn);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}
