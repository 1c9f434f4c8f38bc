import type { Command } from "../command.ts";
import Calibrate from "./calibrate.ts";
import Check from "./check.ts";
import Compare from "./compare.ts";
import Fuzz from "./fuzz.ts";
import List from "./list.ts";
import Load from "./load.ts";
import Replica from "./replica.ts";
import Report from "./report.ts";
import Reproduce from "./reproduce.ts";
import Run from "./run.ts";
import Saturate from "./saturate.ts";
import Sweep from "./sweep.ts";
import Test from "./test.ts";

/** Every command under its name on the command line. By hand: oclif's discovery turns a mistake in a file into a warning. */
export default { calibrate: Calibrate, check: Check, compare: Compare, fuzz: Fuzz, list: List, load: Load, replica: Replica, report: Report, reproduce: Reproduce, run: Run, saturate: Saturate, sweep: Sweep, test: Test } satisfies Record<string, typeof Command>;
