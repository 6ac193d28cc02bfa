// Prints "N passed, N failed" from vitest's JSON result and the number of other failed checks; exits with 1 if anything failed.
import { readFileSync } from "node:fs";

const [file, otherFailures] = process.argv.slice(2);
let passed = 0;
let failed = Number(otherFailures);
try {
  const result = JSON.parse(readFileSync(file, "utf8"));
  passed = result.numPassedTests;
  failed += result.numFailedTests + (result.numFailedTestSuites > 0 && result.numFailedTests === 0 ? result.numFailedTestSuites : 0);
} catch (error) {
  console.log(`no test result: ${error.message}`);
  failed = Math.max(failed, 1);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
