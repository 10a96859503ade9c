// Which actions exist. One line each; index.test.ts compares with the folders.
export { definition as cancelDeploy } from "./cancel-deploy/index.ts";
export { definition as collectEvidence } from "./collect-evidence/index.ts";
export { definition as freezeAutodeploy } from "./freeze-autodeploy/index.ts";
export { definition as inspect } from "./inspect/index.ts";
export { definition as look } from "./look/index.ts";
export { definition as redeploy } from "./redeploy/index.ts";
export { definition as restart } from "./restart/index.ts";
export { definition as rollback } from "./rollback/index.ts";
export { definition as scale } from "./scale/index.ts";
export { definition as switch } from "./switch/index.ts";
export { definition as variable } from "./variable/index.ts";
