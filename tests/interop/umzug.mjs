// SPDX-License-Identifier: MIT
// umzug.mjs ENGINE URL FOLDER up|down|status: what an application does with umzug and files of SQL.
import { readFileSync } from "node:fs";
import { Sequelize } from "sequelize";
import { SequelizeStorage, Umzug } from "umzug";
import { Libsql, file, open } from "./drivers.mjs";

// As much of the package sqlite3 as Sequelize uses: that one is built from source in many places.
class Database {
  constructor(path, mode, done) {
    this.client = new Libsql(path);
    setImmediate(done, null);
  }
  serialize(work) {
    work();
  }
  all(text, parameters, done) {
    if (typeof parameters === "function") [parameters, done] = [{}, parameters];
    const values = Object.entries(parameters ?? {}).map(([name, value]) => [name.slice(1), value]);
    let failure = null;
    let result = [];
    const context = { lastID: 0, changes: 0 };
    try {
      const statement = this.client.prepare(text);
      const bound = values.length ? [Object.fromEntries(values)] : [];
      if (statement.reader) {
        result = statement.all(...bound);
      } else {
        const done = statement.run(...bound);
        Object.assign(context, { lastID: done.lastInsertRowid, changes: done.changes });
      }
    } catch (error) {
      failure = error;
    }
    if (done) setImmediate(() => done.call(context, failure, result));
  }
  run(...given) {
    this.all(...given);
  }
  close(done) {
    this.client.close();
    done?.(null);
  }
}
const sqlite3 = { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4 };

const [engine, url, folder, action] = process.argv.slice(2);
const sequelize =
  engine === "sqlite"
    ? new Sequelize({ dialect: "sqlite", storage: file(url), dialectModule: sqlite3, logging: false })
    : new Sequelize(url, { dialect: engine === "postgres" ? "postgres" : "mysql", logging: false });
const database = await open(engine, url);
const umzug = new Umzug({
  migrations: {
    glob: ["*.up.sql", { cwd: folder }],
    resolve: ({ name, path }) => ({
      name,
      up: () => database.script(readFileSync(path, "utf8")),
      down: () => database.script(readFileSync(path.replace(".up.sql", ".down.sql"), "utf8")),
    }),
  },
  storage: new SequelizeStorage({ sequelize }),
  logger: undefined,
});
if (action === "up") await umzug.up();
if (action === "down") await umzug.down();
if (action === "status")
  console.log(`executed ${(await umzug.executed()).length}, pending ${(await umzug.pending()).length}`);
await database.close();
await sequelize.close();
