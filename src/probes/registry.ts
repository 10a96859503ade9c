// Which kinds of probes exist. One line each; contract.test.ts compares with the folders.
export { definition as heartbeat } from "./heartbeat/index.ts";
export { definition as http } from "./http/index.ts";
export { definition as logPattern } from "./log-pattern/index.ts";
export { definition as postgres } from "./postgres/index.ts";
export { definition as prometheus } from "./prometheus/index.ts";
export { definition as promql } from "./promql/index.ts";
export { definition as railway } from "./railway/index.ts";
export { definition as redis } from "./redis/index.ts";
