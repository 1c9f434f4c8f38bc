/** All that the author of a protocol may import to test it: `paxbench/testing`. */
export * from "./scripted-cluster.ts";
export * from "./simulation.ts";
export * from "./suite.ts";
export { evenTopology } from "../network/topology.ts";
export type { Fault, Scenario, Step } from "../faults/scenario.ts";
