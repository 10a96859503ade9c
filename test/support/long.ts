/** `npm run test:long` plays everything, `npm test` a bounded part of it. */
export const IS_LONG = process.env["SIGNALMAN_LONG_TESTS"] === "1";

/** So many days, seeds or runs: all of them in the long run, a third of them in `npm test`. */
export function upTo(all: number): number {
  return IS_LONG ? all : Math.ceil(all / 3);
}
