# SPDX-License-Identifier: MIT
# Five ways in which teams bring their databases up to date today, each from zero and a second time:
# what dunlin has to replace without losing anything.

second_time() { # NAME ARGUMENTS: nothing is left to do, and the history stays as it is
    local name=$1 before
    shift
    before=$(sql 'SELECT source, version, status, checksum, applied_by FROM dunlin_migrations ORDER BY source, version')
    dunlin -u "$url" "$@"
    exits 0 "$name: a second time"
    like "$out" '^done: 0 applied, ' "$name: nothing is left to do"
    is "$(sql 'SELECT source, version, status, checksum, applied_by FROM dunlin_migrations ORDER BY source, version')" \
        "$before" "$name: and nothing changed"
}

# (a) Drizzle's folder, then manual files of which one has no number; tolerant; tables verified.
fresh_db
sql 'CREATE TABLE settings (id integer NOT NULL PRIMARY KEY)'
mkdir -p "$dir/drizzle/meta" "$dir/manual"
printf 'CREATE TABLE users (id int)\n--> statement-breakpoint\nCREATE TABLE teams (id int)' \
    >"$dir/drizzle/0000_start.sql"
printf '{"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1772352000123,"tag":"0000_start","breakpoints":true}]}' \
    >"$dir/drizzle/meta/_journal.json"
printf 'CREATE TABLE settings (id integer NOT NULL PRIMARY KEY);\nINSERT INTO settings VALUES (1);\n' \
    >"$dir/manual/001_settings.sql"
printf 'ALTER TABLE users ADD COLUMN email varchar(100);\n' >"$dir/manual/002_email.sql"
printf "UPDATE users SET email = '' WHERE email IS NULL;\n" >"$dir/manual/backfill.sql"
style_a="-d app=$dir/drizzle -d manual=$dir/manual --unnumbered last --tolerate exists,missing"
# shellcheck disable=SC2086 # a list of words
dunlin -u "$url" $style_a --required-tables users,teams,settings up
exits 0 "style a: from zero"
like "$out" '^done: 4 applied, 0 already applied, 4 total, 1 skipped in ' "style a: all four files"
is "$(sql "SELECT version FROM dunlin_migrations ORDER BY started_at, version" | head -n 1)" 0000_start \
    "style a: Drizzle's first"
is "$(sql 'SELECT count(*) FROM settings')" 1 "style a: the rest of a tolerated file ran"
# shellcheck disable=SC2086
second_time "style a" $style_a --required-tables users,teams,settings up
# shellcheck disable=SC2086
dunlin -u "$url" $style_a --required-tables users,absent verify
exits 1 "style a: a required table that is missing"
like "$out$err" 'absent' "style a: is named"

# (b) Seventeen numbered files that can be run again, with a status.
fresh_db
for i in $(seq 17); do
    printf 'CREATE TABLE IF NOT EXISTS s%d (id integer NOT NULL PRIMARY KEY);\n' "$i" \
        >"$dir/$(printf %03d "$i")_step_$i.sql"
done
sql 'CREATE TABLE s3 (id integer NOT NULL PRIMARY KEY)'
up
like "$out" '^done: 17 applied, 0 already applied, 17 total in ' "style b: from zero"
second_time "style b" -d "$dir" up
dunlin -u "$url" -d "$dir" status
is "$(printf '%s\n' "$out" | grep -c 'applied .*step')" 17 "style b: a line of status for each"

if [ "$engine" = postgres ]; then
    # (c) Timed, named migrations with timeouts, then row level security policies.
    fresh_db
    mkdir "$dir/hooks"
    file 001_accounts.sql <<'S'
-- Description: accounts, one row per tenant
-- migrate:up timeout:30s lock-timeout:2s
CREATE TABLE accounts (id integer PRIMARY KEY, tenant text NOT NULL);
S
    file R__policies.sql <<'S'
-- Description: who sees which rows
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS by_tenant ON accounts;
CREATE POLICY by_tenant ON accounts USING (tenant = current_setting('app.tenant', true));
S
    printf 'ANALYZE accounts;\n' >"$dir/hooks/after_all.sql"
    DATABASE_URL=$url MIGRATION_TIMEOUT=60000 run "$DUNLIN" -d "$dir" --log-format timestamp up
    exits 0 "style c: from zero"
    like "$out" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T.*INFO.*R__policies' "style c: time stamps and levels"
    is "$(sql "SELECT count(*) FROM pg_policies WHERE policyname = 'by_tenant'")" 1 \
        "style c: the policy is there"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE duration_ms >= 0 AND name <> ''")" 2 \
        "style c: names and durations are recorded"
    second_time "style c" -d "$dir" up
    sed -i 's/by_tenant/per_tenant/g' "$dir/R__policies.sql"
    up
    is "$(sql "SELECT count(*) FROM pg_policies WHERE policyname = 'per_tenant'")" 1 \
        "style c: changed policies run again"

    # (d) A base schema, then migrations with DO blocks and triggers; and one file by itself.
    fresh_db
    file 001_audit.sql <<'S'
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'action') THEN
        CREATE TYPE action AS ENUM ('insert', 'update; or so');
    END IF;
END $$;
CREATE TABLE audit (what action NOT NULL);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO audit VALUES ('insert');
    RETURN NEW;
END;
$body$;
CREATE TRIGGER people_note AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION note();
S
    file 002_later.sql <<'S'
INSERT INTO people VALUES (1);
S
    printf 'CREATE TABLE people (id integer PRIMARY KEY);\n' >"$work/base.sql"
    up --baseline-schema "$work/base.sql" --only 1
    exits 0 "style d: the base schema, and one file by itself"
    up --baseline-schema "$work/base.sql"
    exits 0 "style d: then the rest"
    is "$(sql 'SELECT count(*) FROM audit')" 1 "style d: the trigger works"
    second_time "style d" -d "$dir" --baseline-schema "$work/base.sql" up
fi

# (e) A Drizzle project moved to dunlin and back: case-drizzle.sh, and tests/interop with the real
# migrator.
