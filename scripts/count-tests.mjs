// Prints "N passed, N failed, N skipped" from the test runner's JSON report.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const failed =
  report.numFailedTests +
  report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests} skipped`);
