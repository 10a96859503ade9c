export { createMemorySamples } from "./samples.ts";
export { createMemoryStore } from "./store.ts";
