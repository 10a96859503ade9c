// Which detectors of rates and trends exist. One line each; panel.test.ts compares with the folders.
export { anomaly } from "./anomaly/index.ts";
export { burnRate } from "./burn-rate/index.ts";
export { abuse, complaints } from "./burst/index.ts";
export { certificate } from "./certificate/index.ts";
export { crashLoop } from "./crash-loop/index.ts";
export { errorShare } from "./error-share/index.ts";
export { flood } from "./flood/index.ts";
export { latencyShift } from "./latency-shift/index.ts";
export { memoryLeak } from "./memory-leak/index.ts";
export { rolloutRegression } from "./rollout-regression/index.ts";
export { saturation } from "./saturation/index.ts";
export { threshold } from "./threshold/index.ts";
