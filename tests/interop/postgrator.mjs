// SPDX-License-Identifier: MIT
// postgrator.mjs ENGINE URL FOLDER up|down|status: what an application does with postgrator.
import Postgrator from "postgrator";
import { open } from "./drivers.mjs";

const [engine, url, folder, action] = process.argv.slice(2);
const database = await open(engine, url);
const postgrator = new Postgrator({
  migrationPattern: `${folder}/*`,
  driver: { postgres: "pg", mariadb: "mysql", sqlite: "sqlite3" }[engine],
  database: database.name,
  execQuery: async (text) => ({ rows: await database.query(text) }),
  execSqlScript: database.script,
});
const version = await postgrator.getDatabaseVersion();
if (action === "up") await postgrator.migrate();
if (action === "down") {
  const versions = (await postgrator.getMigrations()).map((migration) => migration.version);
  await postgrator.migrate(String(Math.max(0, ...versions.filter((other) => other < version))));
}
if (action === "status") {
  const compared = await postgrator.validateMigrations(version);
  console.log(`at ${version} of ${await postgrator.getMaxVersion()}, ${compared.length} compared`);
}
await database.close();
