// SPDX-License-Identifier: MIT
// knex.mjs ENGINE URL FOLDER up|status: what an application does with knex.
import { createRequire } from "node:module";
import knex from "knex";
import { Libsql, file } from "./drivers.mjs";

const require = createRequire(import.meta.url);
const [engine, url, directory, action] = process.argv.slice(2);

// The package better-sqlite3 by another name: that one is built from source in many places.
function sqlite() {
  const Better = require("knex/lib/dialects/better-sqlite3");
  return class extends Better {
    _driver() {
      return Libsql;
    }
  };
}

const database = knex({
  client: engine === "sqlite" ? sqlite() : { postgres: "pg", mariadb: "mysql2" }[engine],
  connection:
    engine === "sqlite"
      ? { filename: file(url) }
      : engine === "mariadb"
        ? { uri: url, multipleStatements: true }
        : url,
  useNullAsDefault: true,
  migrations: { directory, loadExtensions: [".cjs"] },
});

// Several statements, which on SQLite are several calls.
const parts = (text) =>
  engine === "sqlite" ? text.split(/;\n(?=CREATE|DELETE|DROP|INSERT)/).filter((part) => part.trim()) : [text];
globalThis.script = async (connection, text) => {
  for (const part of parts(text)) await connection.raw(part);
};

if (action === "up") await database.migrate.latest();
if (action === "status") {
  const [completed, pending] = await database.migrate.list();
  console.log(`completed ${completed.length}, pending ${pending.length}`);
}
await database.destroy();
