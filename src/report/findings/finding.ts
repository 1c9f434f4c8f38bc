/** What the data say of one set of runs that may be compared. */
export interface Findings {
  readonly title: string;
  /** What the runs have in common. */
  readonly conditions: string;
  /** How far they can be trusted. */
  readonly certainty: string;
  readonly groups: readonly FindingGroup[];
}

/** `about`: what sets these runs apart from the others of the set; empty where nothing does. */
export interface FindingGroup {
  readonly about: string;
  readonly items: readonly string[];
}
