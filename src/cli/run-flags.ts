import { Flags } from "@oclif/core";
import { runDefaults } from "../experiment/run-defaults.ts";

/** What `run` takes, and whatever else carries out runs. Plain texts: the plan says what is allowed. */
export const runFlags = {
  protocol: Flags.string({ char: "p", multiple: true, default: [], helpValue: "NAME", description: "built-in name, path or package; repeatable, comma list, or all; or etcd" }),
  endpoints: Flags.string({ helpValue: "URL,…", description: "of a running etcd; by default its members are started here" }),
  conflict: Flags.string({ helpValue: "0..1", description: "share of commands on one key that all clients use" }),
  workload: Flags.string({ default: runDefaults.workload, helpValue: "NAME", description: "built-in name, path or package" }),
  replicas: Flags.string({ helpValue: "N", description: "default: 3, or one for each site of the topology" }),
  clients: Flags.string({ default: runDefaults.clients, helpValue: "N", description: "clients at each site; without --rate each sends its next request when it has its answer" }),
  rate: Flags.string({ helpValue: "R", description: "open loop: operations a second over all clients, which arrive whether or not earlier ones are answered" }),
  transport: Flags.string({ helpValue: "inproc|tcp|sim", description: "inproc: worker threads, the default; tcp: processes and sockets, the default with etcd; sim: virtual time" }),
  topology: Flags.string({ helpValue: "NAME|FILE", description: "sites and the round trips between them; inproc and tcp hold frames back for as long" }),
  leader: Flags.string({ default: runDefaults.leader, helpValue: "SITE|ID", description: "who should lead first, where the protocol has a leader" }),
  duration: Flags.string({ default: runDefaults.duration, helpValue: "TIME", description: "length of the measured window" }),
  warmup: Flags.string({ default: runDefaults.warmup, helpValue: "TIME|auto[:TIME]", description: "load before it that is not measured; auto: until throughput is steady, at most 30s or TIME" }),
  seed: Flags.string({ default: runDefaults.seed, helpValue: "N", description: "of all chance; a simulated run with the same seed is the same run" }),
  repeat: Flags.string({ default: runDefaults.repeat, helpValue: "N", description: "repeats, each with the next seed" }),
  scenario: Flags.string({ helpValue: "NAME|FILE", description: "faults to inject" }),
  costs: Flags.string({ helpValue: "NAME|FILE", description: "sim: what a replica's work takes of its CPU; paxbench calibrate writes such a file; default: nothing" }),
  durability: Flags.string({ default: runDefaults.durability, helpValue: "none|wal|fsync", description: "what must be on disk before an answer (tcp, sim)" }),
  history: Flags.boolean({ description: "take down what clients see, and judge whether it is linearizable" }),
  set: Flags.string({ multiple: true, default: [], helpValue: "KEY=VALUE", description: "an option of protocol, workload or harness; see paxbench list" }),
  cluster: Flags.string({ helpValue: "FILE", description: "a cluster that runs already, on any machines: stands for protocol, replicas and transport" }),
  threshold: Flags.string({ multiple: true, default: [], helpValue: "'METRIC<VALUE'", description: "a bound that each run must keep, such as response.p99<50ms; else exit code 1" }),
  out: Flags.string({ helpValue: "DIR", description: "result folder, absent or empty; default: results/<name>/<UTC time>" }),
};
