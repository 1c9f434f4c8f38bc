/** What a check may use. Time comes from outside: this layer has no clock. */
export interface Limits {
  /** Milliseconds since any fixed instant. */
  readonly clock: () => number;
  /** The reading of `clock` at which to give up. */
  readonly deadline: number;
  /** For what searches remember, bytes; the history itself does not count. Some megabytes more may be in use. */
  readonly memory: number;
  /** Called now and then with the share of keys decided, 0 … 1. */
  readonly progress?: (share: number) => void;
}
