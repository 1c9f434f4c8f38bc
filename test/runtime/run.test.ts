import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { Progress } from "../../src/runtime/lead.ts";
import { runInThreads } from "../../src/runtime/run.ts";
import { settingsWith, writes } from "./fixtures/settings.ts";

describe("a run in worker threads", { timeout: 60_000 }, () => {
  test("measures, executes everything everywhere and is clean", async () => {
    const { recorder, ...outcome } = await runInThreads(settingsWith({}));
    expect(outcome).toMatchObject({ violations: [], undecided: ["agreement", "invariants"], unknown: 0, interrupted: false });
    const { completed, shared, messages, bytes, longestStall } = recorder.counts;
    expect(completed).toBeGreaterThan(0);
    expect(recorder.total("response").totalCount).toBe(completed);
    expect(shared).toBeGreaterThan(0);
    expect(shared).toBeLessThan(completed);
    expect(messages).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(messages);
    for (const site of [0, 1, 2]) {
      for (const kind of ["commit", "execute", "response"] as const) {
        expect(recorder.histogram(kind, site).totalCount, `${kind} at ${site}`).toBeGreaterThan(0);
      }
    }
    expect(longestStall).toBeLessThan(outcome.measured);
    expect(outcome.measured).toBeGreaterThan(0);
    const [first, ...others] = outcome.executedCommands;
    expect(first).toBeGreaterThan(0);
    expect(others).toEqual([first, first]);
  });

  test("in an open loop: what arrived was answered or dropped, several requests a client are open at once, and it is clean", async () => {
    const openLoop = { rate: 20_000, arrivals: "poisson", outstanding: 4 } as const;
    const { recorder, history, ...outcome } = await runInThreads(settingsWith({ openLoop, clientsPerSite: 1, history: true }));
    expect(outcome).toMatchObject({ violations: [], unknown: 0, failed: 0 });
    const { arrived, dropped, completed } = recorder.counts;
    expect(completed).toBeGreaterThan(0);
    expect(Math.abs(arrived - dropped - completed), "but for those open at either end").toBeLessThanOrEqual(2 * 3 * 4);
    expect(recorder.total("late").totalCount).toBe(arrived - dropped);
    expect(recorder.total("coordinated").totalCount).toBeGreaterThan(0);
    const processes = new Set(history!.trimEnd().split("\n").map((line) => (JSON.parse(line) as { readonly process: number }).process));
    expect(processes.size).toBeGreaterThan(3);
    expect(Math.max(...processes)).toBeLessThan(3 * 4);
  });

  test("loads what the workload wants to be there before, and only then the load begins", async () => {
    const workload = new URL("../../workloads/ycsb/index.ts", import.meta.url).href;
    const workloadOptions = { mix: "c", request: "uniform", records: 1500, fields: 1, fieldBytes: 8, maxScan: 1 };
    for (const openLoop of [null, { rate: 2000, arrivals: "fixed", outstanding: 4 } as const]) {
      const { violations, unknown, history } = await runInThreads(settingsWith({ workload, workloadOptions, openLoop, history: true }));
      expect({ violations, unknown }).toEqual({ violations: [], unknown: 0 });
      const events = history!.trimEnd().split("\n").map((line) => JSON.parse(line) as { readonly type: string; readonly f: string; readonly value: unknown });
      const firstRead = events.findIndex(({ f }) => f === "read");
      expect(firstRead).toBe(2 * 15);
      expect(events.slice(firstRead).filter(({ type, f, value }) => f !== "read" || (type === "ok" && value === null))).toEqual([]);
    }
  });

  test("carries values that are larger than a ring", async () => {
    const workloadOptions = { ...writes, conflict: 0.5, valueBytes: 1_048_576 };
    const outcome = await runInThreads(settingsWith({ workloadOptions, clientsPerSite: 2 }));
    expect(outcome).toMatchObject({ violations: [], unknown: 0 });
    expect(outcome.recorder.counts.completed).toBeGreaterThan(0);
  });

  test("works without clients: there is what the protocol's timer sends", async () => {
    const { recorder, ...outcome } = await runInThreads(settingsWith({ clientsPerSite: 0 }));
    expect(outcome).toMatchObject({ violations: [], unknown: 0, executedCommands: [0, 0, 0], interrupted: false });
    expect(recorder.counts.completed).toBe(0);
    expect(recorder.counts.messages).toBeGreaterThan(0);
  });

  test("tells how far it is", async () => {
    const seen: Progress[] = [];
    await runInThreads(settingsWith({ duration: 1_000_000 }), { progress: (progress) => seen.push(progress) });
    const measuring = seen.filter(({ phase }) => phase === "measure");
    expect(measuring.length).toBeGreaterThan(0);
    expect(measuring.at(-1)!.completed).toBeGreaterThan(0);
    const elapsed = measuring.map((progress) => progress.elapsed);
    expect(elapsed).toEqual(elapsed.toSorted((a, b) => a - b));
  });

  test("judges: two commands that one replica executes in another order are seen", async () => {
    // Values so long that no replica fills a chunk of executions: what it has left at the end must be judged as well.
    const workloadOptions = { ...writes, conflict: 1, valueBytes: 262_144 };
    const { violations } = await runInThreads(settingsWith({ workloadOptions }, "swap"));
    expect(violations.map(({ check }) => check)).toContain("ledger");
    expect(violations[0]!.detail).toMatch(/^key "hot" position \d+: replica \d executed \d+\.\d+, but replica \d executed/);
  });

  test("judges: a replica that leaves out others' commands does not converge", async () => {
    const workloadOptions = { ...writes, conflict: 0, valueBytes: 8 };
    const { violations, undecided, unknown } = await runInThreads(settingsWith({ workloadOptions }, "deaf"));
    const diverged = violations.filter(({ check }) => check === "converged");
    expect(diverged).toHaveLength(1);
    expect(diverged[0]!.detail).toMatch(/^replica 1 ended with .*, replica 0 with/);
    expect(undecided).toContain("durable");
    expect(unknown).toBe(0);
  });

  test("judges: two that lead in one ballot are seen", async () => {
    const { violations } = await runInThreads(settingsWith({}, "usurp"));
    expect(violations).toEqual([{ check: "leaders", detail: "ballot 1: replica 1 leads, but replica 0 did before" }]);
  });

  test("can be cut short, and gives what it has", async () => {
    const controller = new AbortController();
    let before = Infinity;
    const progress = ({ phase, completed }: Progress): void => {
      if (phase !== "measure") return;
      // More than clients can complete in one turn: the measured window is open.
      if (completed > before + 100) controller.abort();
      before = Math.min(before, completed);
    };
    const outcome = await runInThreads(settingsWith({ duration: 600_000_000 }), { progress }, controller.signal);
    expect(outcome).toMatchObject({ violations: [], interrupted: true });
    expect(outcome.recorder.counts.completed).toBeGreaterThan(0);
    expect(outcome.measured).toBeGreaterThan(0);
  });

  test("says which requests are open, and does not judge convergence, when cut short", async () => {
    const controller = new AbortController();
    const { unknown, violations, undecided, interrupted } = await runInThreads(
      settingsWith({ duration: 600_000_000, clientsPerSite: 1, requestTimeout: 600_000_000 }, "mute"),
      { progress: ({ phase, completed }) => phase === "measure" && completed > 100 && controller.abort() },
      controller.signal,
    );
    expect({ unknown, violations, interrupted }).toEqual({ unknown: 1, violations: [], interrupted: true });
    expect(undecided).toEqual(expect.arrayContaining(["converged", "durable"]));
  });

  test("tells a definite no from an unknown outcome: requests that were rejected wherever they went have failed", async () => {
    const controller = new AbortController();
    let before = 0;
    const { failed, unknown, violations, history } = await runInThreads(
      settingsWith({ duration: 600_000_000, history: true, protocolOptions: { fault: "refuse", faulty: 0 } }),
      {
        progress({ completed }) {
          if (completed > 0 && completed === before) controller.abort();
          before = completed;
        },
      },
      controller.signal,
    );
    // One that asks at the very end may be left without its answer.
    expect(failed).toBeGreaterThan(0);
    expect({ all: failed + unknown, violations }).toEqual({ all: 12, violations: [] });
    expect(history!.match(/"type":"fail"/g)).toHaveLength(failed);
  });

  test("ends at once when it was cut short before it began", async () => {
    const outcome = await runInThreads(settingsWith({ warmup: 600_000_000 }), {}, AbortSignal.abort());
    expect(outcome).toMatchObject({ violations: [], interrupted: true });
  });

  test("rejects with the cause when a replica throws", async () => {
    const error: Error = await runInThreads(settingsWith({}, "throw")).then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    );
    expect(error.message).toBe("replica 1 failed: the dog ate the log");
    expect((error.cause as Error).name).toBe("TypeError");
    expect((error.cause as Error).stack).toMatch(/primary\.ts/);
  });

  test.each([
    ["invariant", "replica 1 failed: a log is not dog food"],
    ["exit", "replica 1 failed: its thread ended early, with exit code 7"],
  ])("rejects when a replica fails by %s", async (fault, message) => {
    await expect(runInThreads(settingsWith({}, fault))).rejects.toThrow(message);
  });

  test("rejects when a module ends its thread before it is ready", async () => {
    const protocol = new URL("./fixtures/main-thread-only.ts", import.meta.url).href;
    await expect(runInThreads(settingsWith({ protocol }))).rejects.toThrow(/^replica \d failed: cannot load protocol .*main-thread-only\.ts: Error: it calls process\.exit\(3\)$/);
  });

  test.each(["throw", "none"])("leaves nothing behind that keeps the process alive (fault: %s)", async (fault) => {
    const script = fileURLToPath(new URL("./fixtures/short-run.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, fault]);
    expect(stdout).toBe(fault === "none" ? "no error\n" : "replica 1 failed: the dog ate the log\n");
  });
});
