// Templates → what five cdk-nag packs find, as JSON.
//
// stdin: [{"stack": "data", "template": {…}}], references between stacks and parameters already literals.
// stdout: {"checked": {"AwsSolutions": 123, …}, "findings": [{"stack", "id", "rule", "what"}]}. Suppressions are not read: the caller
// judges them, as it has to find the stale ones.
"use strict";

const { readFileSync, writeFileSync, mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { App, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const nag = require("cdk-nag");

const PACKS = ["AwsSolutionsChecks", "NIST80053R5Checks", "HIPAASecurityChecks", "PCIDSS321Checks", "ServerlessChecks"];

const folder = mkdtempSync(join(tmpdir(), "nag-"));
const checked = {};
const findings = [];
for (const { stack, template } of JSON.parse(readFileSync(0, "utf8"))) {
  const file = join(folder, `${stack.replace("/", "-")}.json`);
  writeFileSync(file, JSON.stringify(template));
  const scope = new Stack(new App({ analyticsReporting: false }), "Scanned");
  new CfnInclude(scope, "T", { templateFile: file });
  for (const name of PACKS) {
    const pack = new nag[name]();
    const apply = pack.applyRule;
    pack.applyRule = function (rule) {
      checked[this.packName] = (checked[this.packName] || 0) + 1;
      return apply.call(this, rule);
    };
    for (const violation of pack.validateScope(scope).violations) {
      for (const resource of violation.violatingResources) {
        const id = resource.constructPath.split("/").pop();
        findings.push({ stack, id, rule: violation.ruleName, what: violation.description });
      }
    }
  }
}
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify({ checked, findings }));
