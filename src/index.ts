/** All that the author of a protocol or a workload may import. */
export * from "./core/assert.ts";
export * from "./core/ballot.ts";
export * from "./core/codec.ts";
export * from "./core/command.ts";
export * from "./core/distribution.ts";
export * from "./core/errors.ts";
export * from "./core/ids.ts";
export * from "./core/interval-set.ts";
export * from "./core/operation.ts";
export * from "./core/option.ts";
export * from "./core/protocol.ts";
export * from "./core/random.ts";
export * from "./core/trimmed-array.ts";
export * from "./core/watermark.ts";
export * from "./core/workload.ts";
