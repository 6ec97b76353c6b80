import { defineConfig } from "vitest/config";

// Node reads it at start: with it every process that a test starts takes 85 ms longer on Node 20.
delete process.env.NODE_EXTRA_CA_CERTS;

export default defineConfig({
  test: {
    environment: "node",
    pool: "forks",
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/helpers/setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/**/*.d.ts"],
      reporter: ["text", "html", "json-summary"],
      reportOnFailure: true,
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
