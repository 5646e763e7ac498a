import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    // The addon is a process-wide native library: forks, not threads, and one load per worker.
    pool: "forks",
    maxWorkers: 2,
    isolate: false,
    setupFiles: ["tests/typed-array-equality.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
