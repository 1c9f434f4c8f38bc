import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const launcher = fileURLToPath(new URL("../../bin/run.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs this Node on `args` in the folder `cwd`. `interrupt`: Ctrl-C after so many ms, or once it answers true. */
export const runNode = async (args: readonly string[], cwd: string, interrupt?: number | (() => boolean)): Promise<Ended> => {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, NO_COLOR: "1" } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const began = performance.now();
  const due = (): boolean => (typeof interrupt === "number" ? performance.now() - began >= interrupt : (interrupt?.() ?? false));
  const timer = setInterval(() => {
    if (!due()) return;
    clearInterval(timer);
    child.kill("SIGINT");
  }, 5);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(timer);
  return { code, stdout, stderr };
};
