# SPDX-License-Identifier: MIT
# A dump as the engine's own tool writes it runs as a migration, unchanged.
fresh_db
case $engine in
postgres)
    client <<'S'
CREATE TYPE mood AS ENUM ('fine', 'so; so');
CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL, mood mood, note text);
INSERT INTO people (name, mood, note) VALUES ('Ada', 'fine', E'tab\there; \\. and "quotes"'),
    ('Jo', 'so; so', NULL), ('line', 'fine', E'one\ntwo');
CREATE FUNCTION shout(t text) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN upper(t) || ';'; END $f$;
CREATE FUNCTION one() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
CREATE VIEW loud AS SELECT shout(name) AS n FROM people;
S
    dump() { pg_dump -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" "$db"; }
    text() { dump | grep -a -v '^\\' | grep -v dunlin; }
    # Dumps of several databases differ in the names that restrict gets.
    ;;
mariadb)
    client <<'S'
CREATE TABLE people (id integer AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL, note text, raw blob) ENGINE=InnoDB;
INSERT INTO people (name, note, raw) VALUES ('Ada', 'it''s; \\ "so"', x'00ff27'), ('Jo', NULL, NULL);
CREATE TABLE log (what varchar(80));
CREATE VIEW loud AS SELECT upper(name) AS n FROM people;
DELIMITER //
CREATE TRIGGER people_log AFTER INSERT ON people FOR EACH ROW BEGIN
    INSERT INTO log VALUES (concat('new; ', NEW.name));
    IF NEW.note IS NULL THEN INSERT INTO log VALUES ('no note'); END IF;
END//
CREATE PROCEDURE tidy() BEGIN DELETE FROM log; SELECT 1; END//
DELIMITER ;
S
    dump() {
        mariadb-dump --no-defaults -h "$(url_part host)" -P "$(url_part port)" \
            -u "$(url_part user)" --routines --triggers --ignore-table="$db.dunlin_migrations" "$db"
    }
    text() { dump | grep -a -v -e '^-- ' -e '^/\*!50013 DEFINER'; }
    ;;
sqlite)
    client <<'S'
CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, note text);
INSERT INTO people VALUES (1, 'Ada', 'it''s; so'), (2, 'Jo', NULL);
CREATE TRIGGER people_log AFTER INSERT ON people BEGIN
    UPDATE people SET note = CASE WHEN new.note IS NULL THEN ';end;' ELSE new.note END WHERE id = new.id;
END;
CREATE VIEW loud AS SELECT upper(name) AS n FROM people;
S
    dump() { sqlite3 "$work/$db.db" .dump; }
    text() { dump | grep -a -v dunlin; }
    ;;
esac
dump >"$work/dump.sql"
text >"$work/before.txt"
fresh_db
cp "$work/dump.sql" "$dir/1_dump.sql"
printf 'CREATE TABLE behind_the_dump (id integer NOT NULL PRIMARY KEY);\n' >"$dir/2_more.sql"
up 1
exits 0 "dump: runs unchanged"
# The history table is the only difference.
case $engine in
postgres) client <<<'DROP TABLE dunlin_migrations' ;;
sqlite) client <<<'DROP TABLE dunlin_migrations;' ;;
esac
text >"$work/after.txt"
ok "dump: gives the same database" diff "$work/before.txt" "$work/after.txt"
rm "$dir/1_dump.sql"
[ "$engine" = mariadb ] && sql 'DELETE FROM dunlin_migrations'
up
exits 0 "dump: and the next migration finds its schema"

fresh_db
cp "$work/dump.sql" "$dir/1_dump.sql"
printf 'CREATE TABLE behind_the_dump (id integer NOT NULL PRIMARY KEY);\n' >"$dir/2_more.sql"
up
exits 0 "dump: what the dump leaves in the session does not reach the next migration"
is "$(sql 'SELECT count(*) FROM behind_the_dump')" 0 "dump: which is where it belongs"
