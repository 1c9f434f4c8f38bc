import { engine } from "./engine.ts";
import { epaxos } from "./epaxos.ts";
import { multipaxos } from "./multipaxos.ts";
import type { Mutant } from "./mutant.ts";
import { omnipaxos } from "./omnipaxos.ts";
import { raft } from "./raft.ts";

export const mutants: readonly Mutant[] = [...multipaxos, ...raft, ...omnipaxos, ...epaxos, ...engine];
