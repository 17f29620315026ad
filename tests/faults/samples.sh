#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each allocation of dunlin's own fails, and each call of SQLite, while the folders and tables of
# other tools are read and taken over. (sqitch has its table in a file of its own.)
kinds=
for sample in atlas=atlas/sqlite/migrations dbmate=dbmate/sqlite/db/migrations \
    diesel=diesel/sqlite/migrations drizzle-v1=drizzle-folders-v1/sqlite/drizzle \
    drizzle=drizzle-journal/sqlite/drizzle flyway=flyway/sqlite/db/migration \
    golang-migrate=golang-migrate/sqlite goose=goose/sqlite liquibase=liquibase/sqlite \
    postgrator=postgrator/sqlite/migrations prisma=prisma/sqlite/prisma/migrations \
    refinery=refinery/sqlite/migrations sql-migrate=sql-migrate/sqlite/migrations \
    sqlx=sqlx-reversible/sqlite/migrations umzug=umzug/sqlite/migrations; do
    kinds="$kinds adopt:$sample"
done
export FLYWAY_PLACEHOLDERS_SEASON=spring
DUNLIN_TEST_FAULT_KINDS=$kinds exec "$BASH" "${abs_top_srcdir:?}/tests/faults/run" sqlite "${@:-own}"
