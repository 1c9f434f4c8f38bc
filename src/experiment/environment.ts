import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import type { Durability } from "../runtime/settings.ts";
import type { Environment } from "./result.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

export const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };

let revision: string | undefined;

/** The machine and the program, as they are now. */
export const environmentNow = (durability: Durability): Environment => ({
  paxbench: version,
  git: (revision ??= gitRevision()),
  node: process.version,
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  load: Math.round(loadavg()[0]! * 100) / 100,
  durability,
});

/** Commit, "-dirty" when the tree differs from it; "unknown" where this is no checkout, or git is missing. */
const gitRevision = (): string => {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty", "--abbrev=12"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
};
