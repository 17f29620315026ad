# SPDX-License-Identifier: MIT
layout_sample dbmate dbmate db/migrations 3 schema_migrations 'version, 1'

dbmate_up() { # CODE NAME: a folder of the one file on standard input
    fresh_db
    file 001_a.sql
    up_as dbmate
    exits "$1" "dbmate: $2"
}

# ---- what is a migration, and what it is known by ----

fresh_db
printf -- '-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n' | file 001.sql
printf -- '-- migrate:up\nCREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE b;\n' | file 1a-b.sql
printf -- '-- migrate:up\nCREATE TABLE c (id int);\n-- migrate:down\nDROP TABLE c;\n' | file 10_c.sql
printf 'not for dbmate' | file notes.sql
printf 'not for dbmate' | file 2_b.sql.txt
mkdir "$dir/3_folder.sql"
up_as dbmate --history layout
exits 0 "dbmate: digits, and whatever follows them"
is "$(sql 'SELECT version FROM schema_migrations ORDER BY version')" "001
1
10" "dbmate: a version is its digits as they are written"
printf -- '-- migrate:up\n-- migrate:down\n' | file 001_again.sql
up_as dbmate
exits 65 "dbmate: two files of one version"
like "$err" '001.sql and 001_again.sql' "dbmate: are named"

# ---- directives ----

dbmate_up 0 "blank where its regular expressions allow it" <<'END'
-- a comment, and a blank line
  -- and one further in

--migrate:up other:thing transaction:false:x
CREATE TABLE d (id int);
--	 migrate:down	transaction:false
DROP TABLE d;
END
is "$(sql 'SELECT count(*) FROM d')" 0 "dbmate: and nothing of the way down ran"
dunlin -u "$url" -d "$dir" --layout dbmate down
exits 0 "dbmate: down"
not_ok "dbmate: takes it back" sql 'SELECT 1 FROM d'

dbmate_up 65 "nothing but comments before migrate:up" <<'END'
-- comment
CREATE TABLE early (id int);
-- migrate:up
-- migrate:down
END
like "$err" '001_a.sql:2' "dbmate: with the line"
dbmate_up 65 "no migrate:up" <<'END'
-- migrate:upward
END
dbmate_up 65 "no migrate:down" <<'END'
-- migrate:down
-- migrate:up
SELECT 1;
END
like "$err" 'before migrate:down' "dbmate: and the other order is told"
dbmate_up 65 "a directive behind a blank is none" <<'END'
 -- migrate:up
-- Migrate:up
END
like "$err" 'no migrate:up' "dbmate: nor is one in capitals"
dbmate_up 65 "two migrate:down" <<'END'
-- migrate:up
-- migrate:down
-- migrate:down
END
like "$err" '001_a.sql:3' "dbmate: with the line of the second"
dbmate_up 65 "two migrate:up" <<'END'
-- migrate:up
-- migrate:up transaction:false
-- migrate:down
END
like "$err" '001_a.sql:2' "dbmate: with the line of the second"
dbmate_up 65 "several sections" <<'END'
-- migrate:up
CREATE TABLE one (id int);
-- migrate:down
-- migrate:up
CREATE TABLE two (id int);
-- migrate:down
END
like "$err" '001_a.sql:4' "dbmate: with the line"
like "$err" 'fails on recording it again' "dbmate: and with the reason"
not_ok "dbmate: nothing of it ran" sql 'SELECT 1 FROM one'
dbmate_up 65 "an unknown directive" <<'END'
-- migrate:up
SELECT 1;
-- migrate:dwon
-- migrate:down
END
like "$err" '001_a.sql:3' "dbmate: with the line"

if [ "$engine" = postgres ]; then
    dbmate_up 65 "what cannot run in a transaction, beside what can" <<'END'
-- migrate:up transaction:false transaction:true
CREATE TABLE e (id int);
CREATE INDEX CONCURRENTLY e_id ON e (id);
-- migrate:down
END
    dbmate_up 0 "transaction:false" <<'END'
-- migrate:up transaction:false
CREATE TABLE e (id int);
CREATE INDEX CONCURRENTLY e_id ON e (id);
-- migrate:down
END
fi

# ---- its table ----

fresh_db
layout_folder dbmate db/migrations
layout_load "$(layout_dump dbmate)"
sql "DELETE FROM schema_migrations WHERE version <> '20260301080000'"
client <"$dir/20260301080000_create_hives.sql" >/dev/null 2>&1
sql 'DROP TABLE IF EXISTS inspection; DROP TABLE IF EXISTS hive'
sed '/migrate:down/,$d' "$dir/20260301080000_create_hives.sql" | client >/dev/null
up_as dbmate --history layout
exits 0 "dbmate: goes on behind the first"
like "$out" '^done: 2 applied, 1 already applied' "dbmate: with the others"
dunlin -u "$url" -d "$dir" --layout dbmate --history layout down
exits 0 "dbmate: back by one in its table"
is "$(sql 'SELECT max(version) FROM schema_migrations')" 20260302093000 "dbmate: its row is gone"
dunlin -u "$url" -d "$dir" --layout dbmate --history layout down 2
exits 0 "dbmate: back by two"
is "$(sql 'SELECT count(*) FROM schema_migrations')" 0 "dbmate: no row is left"
sql "INSERT INTO schema_migrations (version) VALUES ('20250101000000')"
up_as dbmate --history layout
exits 6 "dbmate: a row without a file"
