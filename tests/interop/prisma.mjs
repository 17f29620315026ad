// SPDX-License-Identifier: MIT
// prisma.mjs ENGINE URL FOLDER deploy|status: what "prisma migrate deploy" and "status" do with the
// engine of Prisma, here the one for WebAssembly: the command downloads another, which npm does not have.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";

const [engine, url, folder, action] = process.argv.slice(2);

async function adapter() {
  if (engine === "postgres") {
    const { PrismaPg } = await import("@prisma/adapter-pg");
    return new PrismaPg({ connectionString: url });
  }
  const { PrismaLibSql } = await import("@prisma/adapter-libsql");
  return new PrismaLibSql({ url: url.replace(/^sqlite:/, "file:") });
}

async function start() {
  const file = createRequire(import.meta.url)
    .resolve("@prisma/schema-engine-wasm/schema_engine_bg")
    .replace(/js$/, "wasm");
  const { instance } = await WebAssembly.instantiate(readFileSync(file), {
    "./schema_engine_bg.js": glue,
  });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const provider = engine === "postgres" ? "postgresql" : "sqlite";
  const schema = `datasource db {\n  provider = "${provider}"\n}\n`;
  return glue.SchemaEngine.new(
    { datamodels: [["schema.prisma", schema]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(await adapter()),
  );
}

const text = (name) => readFileSync(`${folder}/${name}`, "utf8");
const lock = "migration_lock.toml";
const input = {
  migrationsList: {
    baseDir: folder,
    lockfile: { path: lock, content: existsSync(`${folder}/${lock}`) ? text(lock) : null },
    shadowDbInitScript: "",
    migrationDirectories: readdirSync(folder)
      .filter((name) => name !== lock)
      .sort((a, b) => a.localeCompare(b))
      .map((name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok", value: text(`${name}/migration.sql`) },
        },
      })),
  },
  filters: { externalTables: [], externalEnums: [] },
};

const prisma = await start();
if (action === "deploy") {
  const { appliedMigrationNames } = await prisma.applyMigrations(input);
  console.log(`applied ${appliedMigrationNames.length}`);
} else {
  const { history, failedMigrationNames, editedMigrationNames } = await prisma.diagnoseMigrationHistory({
    ...input,
    optInToShadowDatabase: false,
  });
  console.log(
    `history ${history ? history.diagnostic : "alike"}, failed ${failedMigrationNames.length},`,
    `edited ${editedMigrationNames.length}`,
  );
}
process.exit(0);
