/** At most one leader a ballot or term: one life of one replica. */
import type { ReplicaId } from "../core/ids.ts";
import type { Violation } from "./violation.ts";

/**
 * Where a ballot names its proposer, two replicas cannot share one by mistake: what is left to see is a replica that
 * comes back and leads its old ballot again.
 */
export class Leaders {
  readonly violations: Violation[] = [];
  readonly #leaders = new Map<number, { readonly replica: ReplicaId; readonly life: number }>();

  /** False: no replica told a ballot, there was nothing to judge. */
  get judged(): boolean {
    return this.#leaders.size > 0;
  }

  /** `replica`, started `life` times before, leads `ballot`. */
  led(replica: ReplicaId, life: number, ballot: number): void {
    const first = this.#leaders.get(ballot);
    if (first === undefined) {
      this.#leaders.set(ballot, { replica, life });
    } else if (first.replica !== replica || first.life !== life) {
      const before = first.replica === replica ? "it did before its restart" : `replica ${first.replica} did before`;
      this.violations.push({ check: "leaders", detail: `ballot ${ballot}: replica ${replica} leads, but ${before}` });
    }
  }
}
