import { describe, expect, test } from "vitest";

import { release } from "../release.fixture.ts";
import { migrationDoubt } from "./migrations.ts";

const TARGET = release("target", 10, { commit: "a" });

function doubtOf(more: Parameters<typeof release>[2]) {
  return migrationDoubt([release("bad", 50, { commit: "b", ...more }), TARGET], TARGET)?.code;
}

describe("a start command that migrates", () => {
  test.each([
    "alembic upgrade head && uvicorn main:app",
    "python manage.py migrate --noinput && gunicorn app.wsgi",
    "npx prisma migrate deploy && node server.js",
    "npx prisma db push && node server.js",
    "npx knex migrate:latest && node server.js",
    "npx typeorm migration:run -d ds.js",
    "npx sequelize-cli db:migrate",
    "npx drizzle-kit migrate",
    "flyway -url=jdbc:postgresql://db migrate",
    "liquibase update",
    "bundle exec rails db:migrate",
    "php artisan migrate --force",
    "flask db upgrade",
    "dbmate up",
    "goose postgres up",
    "sqlx migrate run",
    "migrate -path ./m -database $URL up",
    "npm run db:migrate && npm start",
    "bin/app eval 'App.Release.migrate'",
  ])("%s", (startCommand) => {
    expect(doubtOf({ startCommand })).toBe("migration-between");
  });
});

test.each([
  ["no command at all", {}, undefined],
  ["a plain server", { startCommand: "uvicorn main:app --host ::" }, undefined],
  ["npm start", { startCommand: "npm start" }, undefined],
  ["a pre-deploy command that only speaks", { preDeployCommand: "echo deploying" }, undefined],
  ["a shell script", { startCommand: "./start.sh" }, "migration-unknown"],
  ["make", { startCommand: "make run" }, "migration-unknown"],
  ["a pre-deploy command nobody knows", { preDeployCommand: "node seed.js" }, "migration-unknown"],
  ["alembic before deploying", { preDeployCommand: "alembic upgrade head" }, "migration-between"],
  ["no manifest", { isKnown: false }, "migration-unknown"],
  [
    "a failed release that may have begun",
    { status: "FAILED", preDeployCommand: "alembic upgrade head" },
    "migration-between",
  ],
  [
    "a skipped one, which never ran",
    { status: "SKIPPED", preDeployCommand: "alembic upgrade head" },
    undefined,
  ],
] as const)("%s", (_name, more, expected) => {
  expect(doubtOf(more)).toBe(expected);
});

test("what was deployed before the target, and the target's own code again, do not matter", () => {
  const older = release("older", 5, { commit: "z", preDeployCommand: "alembic upgrade head" });
  const again = release("again", 20, { commit: "a", preDeployCommand: "alembic upgrade head" });
  const bad = release("bad", 50, { commit: "b", startCommand: "node server.js" });
  expect(migrationDoubt([bad, again, TARGET, older], TARGET)).toBeNull();
});

test("what certainly migrates is said before what might, with the release's name", () => {
  const unclear = release("r2", 60, { commit: "cccccccccc", startCommand: "./start.sh" });
  const migrating = release("r1", 50, {
    commit: "bbbbbbbbbb",
    message: "Add a column",
    preDeployCommand: "alembic upgrade head",
  });
  expect(migrationDoubt([unclear, migrating, TARGET], TARGET)?.detail).toContain(
    'bbbbbbb "Add a column" migrates the database (alembic in its pre-deploy command)',
  );
});
