// SPDX-License-Identifier: MIT
// drizzle.mjs ENGINE URL FOLDER: what an application does at its start with drizzle-orm.
const [engine, url, migrationsFolder] = process.argv.slice(2);

async function postgres() {
  const { default: pg } = await import("pg");
  const { drizzle } = await import("drizzle-orm/node-postgres");
  const { migrate } = await import("drizzle-orm/node-postgres/migrator");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await migrate(drizzle(client), { migrationsFolder });
  await client.end();
}

async function mariadb() {
  const { default: mysql } = await import("mysql2/promise");
  const { drizzle } = await import("drizzle-orm/mysql2");
  const { migrate } = await import("drizzle-orm/mysql2/migrator");
  const client = await mysql.createConnection(url);
  await migrate(drizzle(client), { migrationsFolder });
  await client.end();
}

async function sqlite() {
  const { createClient } = await import("@libsql/client");
  const { drizzle } = await import("drizzle-orm/libsql");
  const { migrate } = await import("drizzle-orm/libsql/migrator");
  const client = createClient({ url: url.replace(/^sqlite:/, "file:") });
  await migrate(drizzle(client), { migrationsFolder });
  client.close();
}

await { postgres, mariadb, sqlite }[engine]();
