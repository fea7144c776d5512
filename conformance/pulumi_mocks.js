// Runs a Pulumi program without a cloud and prints what it made, for pulumi.py.
//
//   tsx pulumi_mocks.js PROJECT STACK INDEX COMPUTED
//
// COMPUTED is a file with what the cloud would say, by token: properties of resources, results of functions.
const fs = require("fs");
const path = require("path");
const [project, stack, index, computed] = process.argv.slice(2);
const pulumi = require(path.join(path.dirname(index), "node_modules", "@pulumi", "pulumi"));

const said = JSON.parse(fs.readFileSync(computed, "utf8"));
const made = [];
pulumi.runtime.setMocks(
  {
    newResource: (args) => {
      if (args.custom !== false && !args.type.startsWith(`${project}:`)) {
        made.push({ type: args.type, name: args.name, inputs: args.inputs });
      }
      return { id: `${args.name}-id`, state: { ...said[args.type], ...args.inputs } };
    },
    call: (args) => {
      made.push({ type: args.token, inputs: args.inputs });
      return { ...said[args.token], ...args.inputs };
    },
  },
  project,
  stack,
  false,
);

pulumi.runtime
  .runInPulumiStack(async () => require(index))
  .then(() => new Promise((resolve) => setTimeout(resolve, 1000)))
  .then(() => process.stdout.write(JSON.stringify(made)))
  .catch((error) => {
    process.stderr.write(`${error.stack || error}\n`);
    process.exit(1);
  });
