import { arrivalKinds, type ArrivalKind } from "../client/arrivals.ts";
import { milliseconds, oneOf, wholeNumber, type Options } from "../core/option.ts";

/** What `--set` can say about the harness itself. */
export interface HarnessOptions {
  readonly batch: number;
  readonly requestTimeout: number;
  readonly ask: "nearest" | "leader";
  readonly arrivals: ArrivalKind;
  readonly outstanding: number;
  readonly jitter: number;
  readonly diskSync: number;
  readonly cores: number;
}

export const harnessOptions: Options<HarnessOptions> = {
  batch: wholeNumber(1024, 1, 65_536, "most requests in a command; those that arrive together share one"),
  requestTimeout: milliseconds(2000, 1, 600_000, "a client without a reply turns to the next replica after this time"),
  ask: oneOf("nearest", ["nearest", "leader"], "whom clients ask first: the replica nearest to them, or the one that --leader names"),
  arrivals: oneOf("poisson", arrivalKinds, "with --rate: gaps between requests are exponential, or all the same"),
  outstanding: wholeNumber(64, 1, 10_000, "with --rate: most open requests of a client; what arrives beyond them is dropped and counted"),
  jitter: wholeNumber(0, 0, 10_000_000, "sim: each message is late by up to this much, uniformly, µs"),
  diskSync: wholeNumber(200, 1, 10_000_000, "sim, with --durability fsync: time to make records durable, µs"),
  cores: wholeNumber(0, 0, 1024, "sim, with --costs: cores that replicas, clients and judge share; 0: each replica has one of its own, clients are free"),
};
