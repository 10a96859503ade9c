// Which machines exist. One line each; test/proof/ compares with the folders.
export { definition as crashLoop } from "./crash-loop/machine.ts";
export { definition as databaseDown } from "./database-down/machine.ts";
export { definition as highErrorRate } from "./high-error-rate/machine.ts";
export { definition as highLatency } from "./high-latency/machine.ts";
export { definition as memoryLeak } from "./memory-leak/machine.ts";
export { definition as redisDown } from "./redis-down/machine.ts";
export { definition as rolloutRegression } from "./rollout-regression/machine.ts";
export { definition as saturation } from "./saturation/machine.ts";
export { definition as serviceDown } from "./service-down/machine.ts";
export { definition as unclassified } from "./unclassified/machine.ts";
