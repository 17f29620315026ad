// SPDX-License-Identifier: MIT
// What drizzle-kit is told, of the project in its working folder.
const { KIT_ENGINE: engine, KIT_URL: url } = process.env;
export default {
  dialect: { postgres: "postgresql", mariadb: "mysql", sqlite: "sqlite" }[engine],
  schema: "./schema.mjs",
  out: "./drizzle",
  dbCredentials: { url: url.replace(/^sqlite:/, "file:") },
};
