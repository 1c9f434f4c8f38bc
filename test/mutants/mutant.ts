/**
 * A mutant: a correct protocol, or the engine around it, with one known mistake put in. The judges are tested with
 * them as the protocols are tested with the judges: one who does not notice has no say.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CaseLimits } from "../../src/fuzz/case.ts";
import type { Finding } from "../../src/fuzz/run-case.ts";

export type Judge = Finding["kind"];

/** `find` occurs exactly once in `file`, so that the mutant is the one that was meant. */
export interface Edit {
  /** From the project's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A test of a schedule written by hand, which must fail with the mutant. */
export interface Schedule {
  readonly file: string;
  /** The end of its full name. */
  readonly test: string;
}

export interface Mutant {
  /** Unique. */
  readonly id: string;
  /** Whose runs are judged; where it is the engine that is wrong, the protocol that runs in it. */
  readonly protocol: string;
  /** The mistake, in one sentence without a full stop. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** One of these complains. Whoever complains in their place has seen another mistake, perhaps one in the edits. */
  readonly judges: readonly Judge[];
  /**
   * How many seeds from 1 on the test of every commit may take to find it. Ten times what was measured and more, for any
   * change of a protocol or of the faults deals the seeds anew. Null: it would take too long there, the campaign has it.
   */
  readonly bound: number | null;
  /** What every run must have for the mistake to be one. */
  readonly limits?: CaseLimits;
  readonly schedule?: Schedule;
  /** Where chance does not find it: why. */
  readonly why?: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Throws where a text to be replaced is no longer there once. */
export const mutated = (mutant: Pick<Mutant, "id" | "edits">): Map<string, string> => {
  const files = new Map<string, string>();
  for (const { file, find, replace } of mutant.edits) {
    const text = files.get(file) ?? readFileSync(join(root, file), "utf8");
    const occurrences = text.split(find).length - 1;
    if (occurrences !== 1) throw new Error(`${mutant.id}: ${file} has ${occurrences} of what is to be replaced: ${find}`);
    files.set(file, text.replace(find, () => replace));
  }
  return files;
};

/** Where the mutant stands, and what else a worker needs to load it. */
export interface Copy {
  readonly folder: string;
  /** URLs. */
  readonly source: string;
  readonly protocol: string;
}

/**
 * A copy of what the mutant is about, with its mistake: of a protocol its folder, loaded by path like a stranger's; of
 * the engine all of src, which then loads the protocol from its own place. Answers what `use` does, and leaves nothing.
 */
export const withCopy = async <T>(mutant: Mutant, use: (copy: Copy) => Promise<T>): Promise<T> => {
  const files = mutated(mutant);
  const folder = mkdtempSync(join(tmpdir(), "paxbench-mutant-"));
  try {
    const copied = new Set([...files.keys()].map((file) => (file.startsWith("src/") ? "src" : `protocols/${mutant.protocol}`)));
    for (const part of copied) cpSync(join(root, part), join(folder, part), { recursive: true });
    cpSync(join(root, "package.json"), join(folder, "package.json"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (const [file, text] of files) writeFileSync(join(folder, file), text);
    const home = (part: string): string => (copied.has(part) ? folder : root);
    const protocol = `protocols/${mutant.protocol}`;
    return await use({
      folder,
      source: pathToFileURL(join(home("src"), "src/")).href,
      protocol: pathToFileURL(join(home(protocol), protocol, "index.ts")).href,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** A copy of the whole project with the mistake, for its own tests to run in. */
export const withProject = <T>(mutant: Mutant, use: (folder: string) => T): T => {
  const files = mutated(mutant);
  const folder = mkdtempSync(join(tmpdir(), "paxbench-mutant-"));
  try {
    for (const part of ["src", "protocols", "workloads", "test"]) cpSync(join(root, part), join(folder, part), { recursive: true });
    mkdirSync(join(folder, "bin"));
    cpSync(join(root, "package.json"), join(folder, "package.json"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (const [file, text] of files) writeFileSync(join(folder, file), text);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
