import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Only against what hangs: a busy machine may take its time.
    testTimeout: 120_000,
    // Node runs the tests as it runs paxbench: no bundler between, "paxbench" resolves to this package, workers start from the sources.
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
