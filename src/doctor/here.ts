import type { Driver } from "../actions/switch/driver.ts";
import type { Config } from "../config/config.ts";
import { dayAndTime, SECOND_MS } from "../domain/time.ts";
import type { Result } from "../railway/result.ts";
import type { Environment } from "../railway/schema.ts";
import type { Finding } from "./finding.ts";

const SWITCH_MS = 5 * SECOND_MS;

/** The books on a volume, a channel to people. Nothing is written and nothing is sent. */
export function askHere(
  config: Config,
  environment: Result<Environment> | null,
): readonly Finding[] {
  return [folderFinding(config, environment), slackFinding(config)];
}

/** Each way to each switch is read, as the sweep at the start does. */
export async function askSwitches(
  drivers: { readonly [name: string]: readonly Driver[] },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const ways = Object.entries(drivers).flatMap(([name, all]) =>
    all.map((driver) => ({ name, driver })),
  );
  return Promise.all(ways.map(({ name, driver }) => switchFinding(name, driver, signal)));
}

async function switchFinding(name: string, driver: Driver, signal: AbortSignal): Promise<Finding> {
  const of = (answer: Finding["answer"], detail: string): Finding => ({
    about: "switch",
    name: `${name} (${driver.kind})`,
    answer,
    detail,
  });
  if (driver.goesOnTelling === true)
    return of("unknown", "the app asks for it; whether it does, only the running daemon hears");
  const read = await driver.read(name, AbortSignal.any([signal, AbortSignal.timeout(SWITCH_MS)]));
  if (read.kind === "silent") return of("no", `${read.problem.detail} (${read.problem.code})`);
  const { state } = read;
  return of("yes", state?.value === true ? `on until ${dayAndTime(state.until)}` : "off");
}

function folderFinding(
  { dataFolder, booksDoubt, isOnRailway, ownService }: Config,
  environment: Result<Environment> | null,
): Finding {
  const of = (answer: Finding["answer"], detail: string): Finding => ({
    about: "data-folder",
    name: dataFolder,
    answer,
    detail,
  });
  if (booksDoubt !== null) return of("no", booksDoubt.detail);
  if (!isOnRailway) return of("yes", "not on Railway: the folder is of this machine");
  const volume = environment?.ok
    ? environment.value.volumes.find(({ serviceId }) => serviceId === ownService.id)
    : undefined;
  return volume === undefined
    ? of("yes", "on the volume by RAILWAY_VOLUME_MOUNT_PATH")
    : of("yes", `on the volume at ${volume.mountPath}, which is ${volume.state ?? "there"}`);
}

function slackFinding({ slack }: Config): Finding {
  const name = "webhook";
  if (slack === null)
    return { about: "slack", name, answer: "off", detail: "not set: nobody is told anything" };
  return {
    about: "slack",
    name,
    answer: "yes",
    detail: `set, to ${new URL(slack.webhook).host}; nothing was sent`,
  };
}
