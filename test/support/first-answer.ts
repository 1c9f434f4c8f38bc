/** A workload that tells when its first command was answered: ms since 1970, a line in the file that FIRST_ANSWER names. For test/bench/startup.ts. */
import { appendFileSync } from "node:fs";
import { defineWorkload, type OperationSource } from "paxbench";

const create = (): OperationSource => ({
  next(sequence) {
    if (sequence === 1) appendFileSync(process.env["FIRST_ANSWER"]!, `${performance.timeOrigin + performance.now()}\n`);
    return { operation: { type: "get", key: "k" }, shared: true };
  },
});

export default defineWorkload({ name: "first-answer", summary: "tells when the first command was answered", source: "test/bench/startup.ts", options: {}, create });
