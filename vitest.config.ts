import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The JSON result is what .ci/run counts.
    reporters: ["default", "json"],
    outputFile: { json: "test-results.json" },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: more workers only make the thread tests slower.
    maxWorkers: 2,
  },
});
export default config;
