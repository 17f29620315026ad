# SPDX-License-Identifier: MIT
# PostgreSQL: whoever may create objects in a schema of the search path (by default, before PostgreSQL
# 15, everybody in "public") can offer functions, operators and types of his own, which would be
# called with the rights of whoever migrates. None of dunlin's own statements may call one.

plant_traps() { # SCHEMA: operators for all pairs of types, functions and types, each counts its calls
    client <<SQL
CREATE SEQUENCE $1.calls;
CREATE FUNCTION $1.called() RETURNS boolean LANGUAGE plpgsql AS
  \$\$BEGIN PERFORM pg_catalog.nextval('$1.calls'); RETURN true; END\$\$;
DO \$do\$
DECLARE
  l pg_catalog.text; r pg_catalog.text; o pg_catalog.text; result pg_catalog.text;
  types pg_catalog.text[] := '{text,name,"char",int2,int4,int8,oid,regclass,numeric,float8,timestamptz,interval}';
  f pg_catalog.text;
BEGIN
  FOREACH l IN ARRAY types LOOP
    FOREACH r IN ARRAY types LOOP
      FOREACH o IN ARRAY '{=,<>,<,>,!~,~~,!~~,||,-,+,*,<<,|}'::pg_catalog.text[] LOOP
        result := CASE WHEN o IN ('||', '-', '+', '*', '<<', '|') THEN 'pg_catalog.text' ELSE 'boolean' END;
        f := format('trap_%s', md5(l || r || result));
        EXECUTE format('CREATE OR REPLACE FUNCTION $1.%I(pg_catalog.%s, pg_catalog.%s) RETURNS %s LANGUAGE plpgsql AS '
          '\$f\$BEGIN PERFORM $1.called(); RAISE EXCEPTION ''operator %s(%s,%s) of an attacker''; END\$f\$',
          f, l, r, result, o, replace(l, '"', ''), replace(r, '"', ''));
        EXECUTE format('CREATE OPERATOR $1.%s (FUNCTION = $1.%I, LEFTARG = pg_catalog.%s, RIGHTARG = pg_catalog.%s)',
          o, f, l, r);
      END LOOP;
    END LOOP;
  END LOOP;
  FOREACH f IN ARRAY '{current_schema(),clock_timestamp(),pg_backend_pid(),current_database(),
    "current_setting(text)","to_char(timestamptz, text)","timezone(text, timestamptz)",
    "extract(text, timestamptz)","date_part(text, interval)","extract(text, interval)",
    "decode(text, text)","encode(bytea, text)",pg_try_advisory_lock(int8),pg_advisory_unlock(int8),
    lower(text),"concat(text, text)","format(text, text, text)",to_regclass(text),parse_ident(text),
    pg_relation_filenode(regclass),host(inet),"set_config(text, text, boolean)"}'::pg_catalog.text[] LOOP
    EXECUTE format('CREATE FUNCTION $1.%s RETURNS pg_catalog.text LANGUAGE plpgsql AS '
      '\$f\$BEGIN PERFORM $1.called(); RAISE EXCEPTION ''function of an attacker''; END\$f\$', f);
  END LOOP;
END\$do\$;
CREATE AGGREGATE $1.count(*) (SFUNC = pg_catalog.int8inc, STYPE = pg_catalog.int8, INITCOND = '7000');
CREATE DOMAIN $1.text AS pg_catalog.text CHECK ($1.called());
CREATE DOMAIN $1.bytea AS pg_catalog.bytea CHECK ($1.called());
CREATE DOMAIN $1.name AS pg_catalog.name CHECK ($1.called());
CREATE TABLE $1.pg_locks (pid int);
SQL
}

trapped() { # NAME
    is "$(sql "SELECT is_called FROM $schema.calls")" f "$path: $1: nothing of the attacker was called"
}

counts() { # NUMBER QUERY
    [ "$(PGOPTIONS='-c search_path=pg_catalog' sql "$2")" = "$1" ]
}

searchpath_write() {
    printf -- '-- migrate:up\nCREATE TABLE a (id bigint);\n-- migrate:down\nDROP TABLE a;\n' | file 1_a.sql
    printf 'INSERT INTO a VALUES (1), (1);' | file 2_rows.sql
    printf 'CREATE INDEX CONCURRENTLY a_id ON a (id);' | file 3_index.sql
}

searchpath_run() {
    dunlin -u "$with" -d "$dir" status
    exits 0 "$path: status"
    dunlin -u "$with" -d "$dir" plan --execute 2
    exits 0 "$path: a rehearsal"
    printf 'CREATE TABLE base (id bigint);' >"$work/base.sql"
    dunlin -u "$with" -d "$dir" up --baseline-schema "$work/base.sql" --to 1
    exits 0 "$path: the base schema, and up"
    like "$out" '^done: [12] applied' "$path: up has run"
    dunlin -u "$with" -d "$dir" up
    exits 0 "$path: up, with an index built concurrently"
    printf 'CREATE UNIQUE INDEX CONCURRENTLY a_u ON a (id);' | file 4_unique.sql
    dunlin -u "$with" -d "$dir" up
    exits 3 "$path: an index that cannot be built"
    dunlin -u "$with" -d "$dir" up
    like "$err" 'is dropped and built again' "$path: it is found, and dropped"
    rm "$dir/4_unique.sql"
    printf 'ALTER TABLE a ADD c bigint;' | file 5_column.sql
    trapped "so far"

    # Somebody's open transaction, then somebody's run.
    mkfifo "$work/blocker"
    client <"$work/blocker" >/dev/null 2>&1 &
    local blocker=$!
    exec 8>"$work/blocker"
    echo 'BEGIN; LOCK TABLE app.a;' >&8
    wait_until 20 counts 1 "SELECT count(*) FROM pg_locks WHERE granted AND relation = 'app.a'::regclass"
    dunlin -u "$with" -d "$dir" mark 4 pending --yes
    dunlin -u "$with" -d "$dir" up --lock-timeout 100ms --lock-retries 1
    exits 5 "$path: locked out"
    like "$err" 'open transactions: pid [0-9]+(, [a-z]+)? of user ' "$path: and told by whom"
    "$DUNLIN" -u "$with" -d "$dir" up --lock-timeout 60s >/dev/null 2>&1 8>&- &
    local first=$!
    wait_until 20 counts 1 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    dunlin -u "$with" -d "$dir" up --lock-wait 1ms
    exits 5 "$path: another run"
    like "$err" 'held by process [0-9]+ \(dunlin\) of user ' "$path: and who it is"
    exec 8>&-
    wait "$blocker" "$first"
    rm "$work/blocker"

    dunlin -u "$with" -d "$dir" verify
    rm "$dir/1_a.sql"
    dunlin -u "$with" -d "$dir" down --to 0
    dunlin -u "$with" -d "$dir" check
    trapped "the end"
}

if [ "$engine" = postgres ]; then
    # The better match: behind pg_catalog, as "public" is.
    path='app, public' schema=public
    fresh_db
    sql 'CREATE SCHEMA app'
    plant_traps public
    with="$url?options=-csearch_path%3Dapp,public"
    searchpath_write
    searchpath_run

    # The same match: in front of pg_catalog.
    path='app, evil, pg_catalog' schema=evil
    fresh_db
    sql 'CREATE SCHEMA app'
    sql 'CREATE SCHEMA evil'
    plant_traps evil
    with="$url?options=-csearch_path%3Dapp,evil,pg_catalog"
    searchpath_write
    searchpath_run
fi

if [ "$engine" = postgres ]; then # a path that leads nowhere
    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    dunlin -u "$url?options=-csearch_path%3Dnowhere" -d "$dir" up
    exits 78 "searchpath: no schema at all"
    like "$err" 'no schema or database is selected, so there is no place for dunlin_migrations' "searchpath: no schema at all: says so"
    like "$err" 'give --table SCHEMA.NAME' "searchpath: no schema at all: and what to do"
fi
