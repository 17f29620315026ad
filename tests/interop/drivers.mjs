// SPDX-License-Identifier: MIT
// The three engines under one roof, for tools that leave the connection to their user.
import { createRequire } from "node:module";

export const Libsql = createRequire(import.meta.url)("libsql");

async function postgres(url) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    query: async (text) => (await client.query(text)).rows,
    script: (text) => client.query(text),
    close: () => client.end(),
  };
}

async function mariadb(url) {
  const { default: mysql } = await import("mysql2/promise");
  const client = await mysql.createConnection({ uri: url, multipleStatements: true });
  const query = async (text) => (await client.query(text))[0];
  return { query, script: query, close: () => client.end() };
}

async function sqlite(url) {
  const client = new Libsql(file(url));
  const query = async (text) => {
    const statement = client.prepare(text);
    return statement.reader ? statement.all() : (statement.run(), []);
  };
  return { query, script: async (text) => client.exec(text), close: () => client.close() };
}

export const file = (url) => url.replace(/^sqlite:/, "");

// What is at the URL: query(text) gives rows, script(text) runs several statements.
export async function open(engine, url) {
  const name = url.replace(/.*\//, "");
  return { name, ...(await { postgres, mariadb, sqlite }[engine](url)) };
}
