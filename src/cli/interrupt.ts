/** Ctrl-C, told as an abort: whoever runs something long ends it in order. A second one, later, ends the process. */
export const onInterrupt = (): AbortSignal => {
  const controller = new AbortController();
  let first = 0;
  const abort = (): void => {
    const now = performance.now();
    // A launcher and the terminal may both deliver the same Ctrl-C.
    if (controller.signal.aborted && now - first > 1000) process.exit(130);
    if (controller.signal.aborted) return;
    first = now;
    controller.abort();
  };
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  return controller.signal;
};
