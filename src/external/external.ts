import type { RunHooks, RunOutcome } from "../runtime/lead.ts";
import type { RunSettings } from "../runtime/settings.ts";

/** What a run uses of an external system, found before it starts. Plain data. */
export interface ExternalUse {
  readonly version: string;
  /** Those of a running cluster; null: the run starts its own. */
  readonly endpoints: readonly string[] | null;
  /** The program, where the run starts it. */
  readonly file: string | null;
  /** What it has on disk when it answers: "unknown" of a cluster that somebody else started. */
  readonly durability: "fsync" | "unknown";
}

/** A replicated store that is no protocol of ours: it gets the same load, and is measured and judged from outside. */
export interface ExternalSystem {
  /** As typed after `-p`. */
  readonly name: string;
  /** One line for `paxbench list`. */
  readonly summary: string;
  /** What there is on this machine, or at the endpoints. Throws a `UsageError`. */
  readonly find: (endpoints: readonly string[] | null) => Promise<ExternalUse>;
  /** `scratch`: a folder for the run, which is there. Rejects when it fails; when it settles, nothing of it runs any more. */
  run(use: ExternalUse, settings: RunSettings, scratch: string, hooks?: RunHooks, signal?: AbortSignal): Promise<RunOutcome>;
}
