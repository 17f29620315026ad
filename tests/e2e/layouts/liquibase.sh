# SPDX-License-Identifier: MIT
lb_columns='ORDEREXECUTED, ID, AUTHOR, FILENAME, EXECTYPE, MD5SUM, DESCRIPTION, COMMENTS, TAG, CONTEXTS, LABELS'
layout_sample liquibase liquibase . 4 DATABASECHANGELOG "$lb_columns"

lb_rows() { # id, EXECTYPE of all rows in order
    sql 'SELECT ID, EXECTYPE FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED'
}

lb_up() { # with the tool's own table
    up_as liquibase --history layout "$@"
}

lb_case() { # a new database, and a changelog from standard input
    fresh_db
    file changelog.sql
}

lb_refused() { # LINE WORDS NAME: what is wrong in changelog.sql, told with its place
    up_as liquibase
    exits 65 "liquibase: $3"
    like "$err" "changelog.sql:$1" "liquibase: $3: where"
    like "$err" "$2" "liquibase: $3: what"
}

# ---- checksums ----

for dump in "$samples/liquibase/tracking-$(layout_engine)"*v8.sql; do
    fresh_db
    layout_folder liquibase .
    layout_load "$dump"
    lb_up
    like "$out" '^done: 0 applied, 4 already applied' 'liquibase: checksums of version 8 are known'
    dunlin -u "$url" -d "$dir" --layout liquibase adopt
    exits 0 'liquibase: and adopted'
done

lb_case <<'END'
--liquibase formatted sql
--changeset ann:1
CREATE TABLE t (id int);
END
lb_up
is "$(sql 'SELECT MD5SUM FROM DATABASECHANGELOG')" 9:6d4549ab668f0fa3a148fb9da6d22712 \
    'liquibase: the checksum of version 9'
for sum in 8:ac918e2fec38de1e5449e0a933ccc9b3 7:0123456789abcdef0123456789abcdef; do
    sql "UPDATE DATABASECHANGELOG SET MD5SUM = '$sum'"
    lb_up
    like "$out" '^done: 0 applied, 1 already' "liquibase: a stored ${sum%%:*}: is accepted"
done
sql 'UPDATE DATABASECHANGELOG SET MD5SUM = NULL'
lb_up
like "$out" '^done: 0 applied, 1 already' 'liquibase: no checksum is accepted'
sql "UPDATE DATABASECHANGELOG SET MD5SUM = '9:00000000000000000000000000000000'"
lb_up
exits 6 'liquibase: another checksum is an edited changeset'
dunlin -u "$url" -d "$dir" --layout liquibase adopt
exits 6 'liquibase: which is not adopted'
for valid in 9:00000000000000000000000000000000 any 1:any; do
    printf -- '--liquibase formatted sql\n--changeset ann:1\n--validCheckSum: %s\nCREATE TABLE t (id int);\n' "$valid" >"$dir/changelog.sql"
    lb_up
    exits 0 "liquibase: validCheckSum: $valid accepts it"
done
printf -- '--liquibase formatted sql\r\n--changeset ann:1\r\nCREATE   TABLE t\r\n(id int);\r\n' >"$dir/changelog.sql"
sql "UPDATE DATABASECHANGELOG SET MD5SUM = '9:6d4549ab668f0fa3a148fb9da6d22712'"
lb_up
exits 0 'liquibase: blank and line ends are no part of the checksum'

# ---- rows ----

lb_states() { # COLUMN=VALUE.. STATUS NAME: the sample's table with one row changed
    fresh_db
    layout_folder liquibase .
    layout_load "$(layout_dump liquibase)"
    sql "UPDATE DATABASECHANGELOG SET $1 WHERE ID = '3'"
    lb_up
    exits "$2" "liquibase: $3"
}
lb_states "EXECTYPE = 'MARK_RAN'" 0 'a row with MARK_RAN counts'
lb_states "EXECTYPE = 'RERAN'" 0 'a row with RERAN counts'
lb_states "EXECTYPE = 'SKIPPED'" 0 'a row with SKIPPED counts'
lb_states "EXECTYPE = 'FAILED'" 6 'a row with FAILED is refused'
lb_states "FILENAME = 'classpath:changelog.sql'" 0 'a path may begin with classpath:'
sql "INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, EXECTYPE, MD5SUM)
    SELECT ID, AUTHOR, FILENAME, DATEEXECUTED, 9, 'RERAN', MD5SUM FROM DATABASECHANGELOG WHERE ID = 'frames-logic'"
sql "UPDATE DATABASECHANGELOG SET MD5SUM = '9:11111111111111111111111111111111' WHERE ID = 'frames-logic' AND ORDEREXECUTED = 2"
lb_up
like "$out" '^done: 0 applied, 4 already applied' 'liquibase: of two rows the newer counts'
sql "UPDATE DATABASECHANGELOG SET FILENAME = 'db/tables.xml' WHERE ID = '3'"
dunlin -u "$url" -d "$dir" --layout liquibase adopt
exits 6 'liquibase: a row of a changelog in XML has no file, and nothing is adopted'
like "$out$err" 'db/tables.xml::3::otto' 'liquibase: which is told'
like "$err" '^hint: .*--foreign-code skip' 'liquibase: and what leaves it behind'
is "$(sql 'SELECT 1 FROM dunlin_migrations' 2>/dev/null)" '' 'liquibase: nothing is written'
lb_up
exits 6 'liquibase: nor is the table shared'
like "$err" '^hint: .*--foreign-code skip' 'liquibase: unless it is passed over'

# Some changesets are in XML, whether or not their changelog is still there; the others are taken.
for end in xml yaml yml json; do
    fresh_db
    layout_folder liquibase .
    layout_load "$(layout_dump liquibase)"
    for id in one two three four five; do
        sql "INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, EXECTYPE, MD5SUM)
            SELECT '$id', AUTHOR, 'db/tables.$end', DATEEXECUTED, 9, 'EXECUTED', NULL FROM DATABASECHANGELOG WHERE ID = '3'"
    done
    lb_up --foreign-code skip
    exits 0 "liquibase: $end: rows of other changesets are passed over"
    like "$out" '^done: 0 applied, 4 already applied' "liquibase: $end: and all others count"
    dunlin -u "$url" -d "$dir" --layout liquibase --foreign-code skip adopt --dry-run
    exits 0 "liquibase: $end: adopt --dry-run"
    dunlin -u "$url" -d "$dir" --layout liquibase --foreign-code skip adopt
    exits 0 "liquibase: $end: adopt takes what it can"
    like "$out" '4 recorded' "liquibase: $end: these are recorded"
    like "$err" "^warning: .* 5 rows of .*: db/tables.$end::one::otto, .*, db/tables.$end::four::otto \.\.$" \
        "liquibase: $end: those that are not are named"
    up_as liquibase --foreign-code skip
    like "$out" '^done: 0 applied, 4 already applied' "liquibase: $end: nothing is left to do"
    is "$(sql 'SELECT COUNT(*) FROM DATABASECHANGELOG')" 9 "liquibase: $end: the old table stays"
done
sql "UPDATE DATABASECHANGELOG SET EXECTYPE = 'FAILED' WHERE ID = 'one'"
lb_up --foreign-code skip
exits 6 'liquibase: one that failed is not passed over'
sql "UPDATE DATABASECHANGELOG SET FILENAME = 'db/gone.sql', EXECTYPE = 'EXECUTED' WHERE ID = 'one'"
dunlin -u "$url" -d "$dir" --layout liquibase --foreign-code skip adopt
exits 6 'liquibase: nor is a file of SQL that is gone'
like "$out$err" 'db/gone.sql::one::otto' 'liquibase: which is named'

# ---- both histories, back and forth ----

for history in own layout; do
    fresh_db
    layout_folder liquibase .
    up_as liquibase --history $history
    exits 0 "liquibase: up, $history history"
    dunlin -u "$url" -d "$dir" --layout liquibase --history $history down --all
    exits 0 "liquibase: down --all, $history history"
    not_ok_hive=$(sql 'SELECT 1 FROM hive' >/dev/null 2>&1 && echo there)
    is "$not_ok_hive" '' 'liquibase: the rollbacks ran'
    up_as liquibase --history $history
    like "$out" '^done: 4 applied' "liquibase: up once more, $history history"
done
is "$(sql 'SELECT COUNT(*) FROM DATABASECHANGELOG')" 4 'liquibase: each changeset has one row'

lb_case <<'END'
--liquibase formatted sql
--changeset ann:1
CREATE TABLE t (id int);
--rollback not required
--changeset ann:2
CREATE TABLE u (id int);
/* liquibase rollback
DROP TABLE u;
*/
--changeset ann:3
CREATE TABLE v (id int);
INSERT INTO v VALUES (1);
--rollback DELETE FROM v;
--rollback
--rollback DROP TABLE v;
--changeset ann:4
DROP TABLE t;
--rollback changesetId:1 changesetAuthor:ann
--changeset ann:5
CREATE TABLE w (id int);
END
lb_up
exits 0 'liquibase: all kinds of rollbacks'
dunlin -u "$url" -d "$dir" --layout liquibase --history layout down
exits 6 'liquibase: none, and there is no way back'
sql "DELETE FROM DATABASECHANGELOG WHERE ID = '5'"
dunlin -u "$url" -d "$dir" --layout liquibase --history layout down --to ann:1@changelog.sql
exits 0 'liquibase: down to a version'
is "$(lb_rows)" '1|EXECUTED' 'liquibase: removes the rows'
ok 'liquibase: the SQL of the changeset that the rollback names ran' sql 'SELECT * FROM t'
dunlin -u "$url" -d "$dir" --layout liquibase --history layout down
exits 0 'liquibase: a rollback that is not required'
ok 'liquibase: leaves all as it is' sql 'SELECT * FROM t'
is "$(lb_rows)" '' 'liquibase: but the row'

# ---- own history: a changeset is a part of its file ----

lb_case <<'END'
--liquibase formatted sql
--changeset ann:1
CREATE TABLE t (id int);
END
up_as liquibase
exits 0 'liquibase: one changeset'
printf '\n--changeset ann:2\nCREATE TABLE u (id int);' >>"$dir/changelog.sql"
up_as liquibase
like "$out" '^done: 1 applied, 1 already applied' 'liquibase: one more in the file leaves the first as it is'
printf '\n\n\n--changeset ann:3\r\nCREATE TABLE v (id int);\r\n\r\n' >>"$dir/changelog.sql"
up_as liquibase
like "$out" '^done: 1 applied, 2 already applied' 'liquibase: and a third'
sed 's/TABLE t (id int)/TABLE t (id bigint)/' "$dir/changelog.sql" >"$dir/new" && mv "$dir/new" "$dir/changelog.sql"
dunlin -u "$url" -d "$dir" --layout liquibase check
exits 1 'liquibase: check finds the changeset that was edited'
like "$out" 'edited: .*changelog.sql:2 was edited' 'liquibase: that one'
like "$out" '^check: 1 finding in 3' 'liquibase: and no other'

# ---- attributes ----

lb_case <<'END'
-- Liquibase Formatted SQL logicalFilePath:logical/path.sql
--changeset "ann lee":"the first" labels:"Core, other" contextFilter:"prod and not test" dbms:postgresql,mysql,mariadb,sqlite stripComments:false failOnError:true
--comment:   two words  
CREATE TABLE t (id int);
--changeset ann:2 context:prod logicalFilePath:/other.sql dbms:!oracle
CREATE TABLE u (id int);
--changeset ann:3 dbms:oracle
CREATE NONSENSE;
--changeset ann:4 ignore:true
CREATE NONSENSE;
--changeset ann:5 dbms:none
CREATE NONSENSE;
--ignoreLines:start
CREATE NONSENSE;
--changeset ann:6
--ignoreLines:end
--changeset ann:7
--ignoreLines:2
CREATE NONSENSE;
AND MORE;
CREATE TABLE v (id int);
END
lb_up
exits 0 'liquibase: attributes'
is "$(sql 'SELECT ID, AUTHOR, FILENAME, COMMENTS, CONTEXTS, LABELS FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED' | sed 's/NULL//g')" \
    'the first|ann lee|logical/path.sql|two words|(prod and not test)|core,other
2|ann|other.sql||prod|
7|ann|logical/path.sql|||' 'liquibase: as the table has them'

for bad in 'runWith:psql|cannot do' 'failOnError:false|cannot do' 'runInTransactoin:false|unknown attribute' \
    'runOnChange:yes|true or false' 'endDelimiter:(x|delimiter' 'words|unknown attribute'; do
    printf -- '--liquibase formatted sql\n\n--changeset ann:1 %s\nSELECT 1;\n' "${bad%%|*}" >"$dir/changelog.sql"
    lb_refused 3 "${bad##*|}" "${bad%%|*}"
done
for bad in '-changeset ann:1' '--changeset ann' '--changeset ann: 1' '--property name' '--comments: x' '--ignore:x' \
    '-rollback x' '--precondition-table-exists table:t' '--precondition-sql-check' '--preconditions onFail:never' \
    '--preconditions onfial:HALT' 'SELECT ${nobody};' '/* liquibase rollback'; do
    printf -- '--liquibase formatted sql\n--changeset ann:0\nSELECT 1;\n%s\n' "$bad" >"$dir/changelog.sql"
    lb_refused 4 . "$bad"
done
printf -- '--liquibase formatted sql\n--changeset ann:1\nSELECT 1;\n--rollback changesetId:0' >"$dir/changelog.sql"
lb_refused 2 changesetAuthor 'a rollback that names half a changeset'
printf -- '--liquibase formatted sql\n--changeset ann:1\n--changeset ann:2\nSELECT 1;\n' >"$dir/changelog.sql"
lb_refused 2 'without SQL' 'a changeset without SQL'
printf -- '--liquibase formatted sql\n--changeset ann:%0250d\nSELECT 1;\n' 1 >"$dir/changelog.sql"
lb_refused 2 '240 bytes' 'a changeset whose name is too long'
printf 'SELECT 1;\n' >"$dir/changelog.sql"
lb_refused 1 'formatted SQL' 'a file of another kind'

# ---- properties ----

lb_case <<'END'
--liquibase formatted sql
--property name:table.name value:first
--property name:table.name value:second
--property name:size value:${LB_SIZE}
--property name:kind value:varchar(${size}) dbms:postgresql,mysql,mariadb,sqlite
--changeset ann:1
CREATE TABLE ${table.name} (id ${ KIND });
--rollback DROP TABLE ${table.name};
END
LB_SIZE=9 lb_up
exits 0 'liquibase: properties and the environment'
ok 'liquibase: the first value counts' sql 'SELECT id FROM first'
is "$(sql 'SELECT MD5SUM FROM DATABASECHANGELOG')" "9:$(inner=$(printf 'CREATETABLEfirst(idvarchar(9));' | md5sum | cut -d' ' -f1); printf '9:%s:' "$inner" | md5sum | cut -d' ' -f1)" \
    'liquibase: the checksum is that of the text with values'
LB_SIZE=9 dunlin -u "$url" -d "$dir" --layout liquibase --history layout down
exits 0 'liquibase: and in the rollback'

# ---- what runs again ----

for history in own layout; do
    lb_case <<'END'
--liquibase formatted sql
--changeset ann:1
CREATE TABLE t (id int);
--changeset ann:2 runOnChange:true
INSERT INTO t VALUES (1);
--changeset ann:3 runAlways:true
INSERT INTO t VALUES (100);
--changeset ann:4
CREATE TABLE u (id int);
END
    up_as liquibase --history $history
    up_as liquibase --history $history
    like "$out" '^done: 1 applied, 3 already applied' "liquibase: runAlways, $history history"
    sed 's/VALUES (1)/VALUES (2)/' "$dir/changelog.sql" >"$dir/new" && mv "$dir/new" "$dir/changelog.sql"
    up_as liquibase --history $history
    like "$out" '^done: 2 applied, 2 already applied' "liquibase: runOnChange, $history history"
    is "$(sql 'SELECT SUM(id) FROM t')" 303 'liquibase: each ran as often as it should'
done
is "$(sql 'SELECT ID, EXECTYPE FROM DATABASECHANGELOG ORDER BY ID')" '1|EXECUTED
2|RERAN
3|RERAN
4|EXECUTED' 'liquibase: what ran again is RERAN'

# ---- preconditions ----

for history in own layout; do
    lb_case <<'END'
--liquibase formatted sql
--changeset ann:1
CREATE TABLE t (id int);
--changeset ann:2
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:1 SELECT COUNT(*) FROM t;
INSERT INTO t VALUES (1);
--changeset ann:3
--preconditions onFail:CONTINUE onError:HALT
--precondition-sql-check expectedResult:"1" SELECT COUNT(*) FROM t
INSERT INTO t VALUES (10);
--changeset ann:4 runInTransaction:false
--preconditions onFail:WARN
--precondition-sql-check 7 SELECT COUNT(*) FROM t
INSERT INTO t VALUES (100);
--changeset ann:5
--preconditions onError:MARK_RAN
--precondition-sql-check expectedResult:0 SELECT 0
--precondition-sql-check expectedResult:'0' SELECT COUNT(*) FROM nowhere
INSERT INTO t VALUES (1000);
END
    up_as liquibase --history $history
    exits 0 "liquibase: preconditions, $history history"
    is "$(sql 'SELECT SUM(id) FROM t')" 100 'liquibase: what runs'
    like "$out$err" 'changelog.sql:6.*counts as applied' 'liquibase: what is told'
    up_as liquibase --history $history
    is "$(sql 'SELECT SUM(id) FROM t')" 110 'liquibase: CONTINUE waits for the next run'
done
is "$(sql 'SELECT ID, EXECTYPE FROM DATABASECHANGELOG ORDER BY ID')" '1|EXECUTED
2|MARK_RAN
3|EXECUTED
4|EXECUTED
5|MARK_RAN' 'liquibase: MARK_RAN is in the rows'
cat >>"$dir/changelog.sql" <<'END'
--changeset ann:6
--precondition-sql-check expectedResult:1 SELECT COUNT(*) FROM t WHERE id = 5
INSERT INTO t VALUES (5);
END
lb_up
exits 2 'liquibase: without onFail a precondition stops the run'
like "$err" 'changelog.sql:22' 'liquibase: where it stands'
like "$err" 'wants "1" and got "0"' 'liquibase: and what it got'

# ---- delimiters ----

lb_case <<'END'
--liquibase formatted sql
--changeset ann:1 endDelimiter:// rollbackEndDelimiter:GO
CREATE TABLE t (note varchar(40))//
INSERT INTO t VALUES ('a // b; c
//')
//
--rollback DROP TABLE t
--rollback GO
--changeset ann:2 endDelimiter:\ngo
CREATE TABLE u (id int)
GO
CREATE TABLE v (id int)
go
--changeset ann:3
CREATE TABLE w (id int)
/
CREATE TABLE x (id int);
--changeset ann:4 splitStatements:false
CREATE TABLE y (id int);
END
lb_up
exits 0 'liquibase: delimiters'
is "$(sql "SELECT COUNT(*) FROM t WHERE note LIKE 'a // b; c%//'")" 1 'liquibase: not in strings'
ok 'liquibase: all of it ran' sql 'SELECT * FROM u, v, w, x, y'
sql "DELETE FROM DATABASECHANGELOG WHERE ID > '1'"
dunlin -u "$url" -d "$dir" --layout liquibase --history layout down
exits 0 'liquibase: a delimiter of a rollback'

# ---- the lock ----

fresh_db
layout_folder liquibase .
layout_load "$(layout_dump liquibase)"
sql "DELETE FROM DATABASECHANGELOG WHERE ID = 'hive-view'"
sql 'CREATE TABLE hive (label varchar(80))'
case $engine in
postgres) lb_yes=true ;;
*) lb_yes=1 ;;
esac
sql "UPDATE DATABASECHANGELOGLOCK SET LOCKED = $lb_yes, LOCKEDBY = 'peer (10.0.0.1)'"
lb_up --lock-wait 10ms
exits 5 'liquibase: at work, and dunlin waits'
like "$err" 'held by peer' 'liquibase: for whom'
is "$(sql 'SELECT LOCKEDBY FROM DATABASECHANGELOGLOCK')" 'peer (10.0.0.1)' 'liquibase: and leaves its lock alone'
if [ "$engine" != sqlite ]; then
    sql "UPDATE DATABASECHANGELOGLOCK SET LOCKEDBY = 'dunlin on peer, process 1'"
    lb_up --lock-wait 10ms
    exits 0 'liquibase: what a killed dunlin left is taken over'
else
    sql "UPDATE DATABASECHANGELOGLOCK SET LOCKED = 0, LOCKEDBY = NULL"
    lb_up
    exits 0 'liquibase: without a lock it runs'
fi
is "$(sql 'SELECT COUNT(*) FROM DATABASECHANGELOGLOCK WHERE LOCKEDBY IS NULL')" 1 'liquibase: and dunlin lets go of its own'

# What a machine is called stands in the lock, and is no SQL. To give it a name takes root.
lb_machine() { # NAME COMMAND...
    unshare --uts "$BASH" -c 'printf %s "$0" >/proc/sys/kernel/hostname && exec "$@"' "$@"
}
if [ "$engine" = sqlite ] && [ "$(id -u)" = 0 ] && lb_machine x true 2>/dev/null; then
    lb_case <<'END'
--liquibase formatted sql
--changeset ann:1
CREATE TABLE held AS SELECT LOCKEDBY AS who FROM DATABASECHANGELOGLOCK;
END
    run lb_machine "ann's büro_1.lan" "$DUNLIN" -u "$url" -d "$dir" --layout liquibase --history layout up
    exits 0 'liquibase: a machine of such a name'
    like "$(sql 'SELECT who FROM held')" '^dunlin on ann-s-b--ro_1.lan, process [0-9]+$' 'liquibase: is a name of letters in the lock'
fi

# ---- a root changelog ----

lb_root() { # the files that it includes
    fresh_db
    mkdir -p "$dir/changes/all/deep"
    printf -- '--liquibase formatted sql\n--changeset ann:1\nINSERT INTO t VALUES (${seven});\n' >"$dir/changes/1.sql"
    printf -- '--liquibase formatted sql\n--changeset ann:2\nCREATE TABLE t (id int);\n' >"$dir/changes/2.sql"
    printf -- '--liquibase formatted sql\n--changeset ann:3\nINSERT INTO t VALUES (3);\n' >"$dir/changes/all/b.sql"
    printf -- '--liquibase formatted sql\n--changeset ann:4\nINSERT INTO t VALUES (4);\n' >"$dir/changes/all/deep/a.sql"
}
lb_root_runs() {
    lb_up
    exits 0 "liquibase: $1"
    is "$(sql 'SELECT ID, FILENAME FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED')" '2|changes/2.sql
1|changes/1.sql
3|changes/all/b.sql
4|changes/all/deep/a.sql' "liquibase: the order of $1"
    is "$(sql 'SELECT SUM(id) FROM t')" 14 "liquibase: a property of $1"
}
lb_root
file db.changelog-master.yaml <<'END'
# what there is
databaseChangeLog:
  - property: {name: seven, value: "7"}
  - include:
      file: changes/2.sql   # first
  - include: { file: changes/1.sql, relativeToChangelogFile: true }
  - includeAll:
      path: changes/all/
END
lb_root_runs 'a root changelog in YAML'
lb_root
file db.changelog-master.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <!-- <include file="nowhere.sql"/> -->
    <property name="seven" value="7"/>
    <include file="/changes/2.sql"/>
    <include file='changes/1.sql' relativeToChangelogFile="true"></include>
    <includeAll path="classpath:changes/all"/>
</databaseChangeLog>
END
dunlin -u "$url" -d "$dir" --history layout up
exits 0 'liquibase: a root changelog tells the layout'
lb_root_runs 'a root changelog in XML'
lb_root
file changelog.yaml <<'END'
databaseChangeLog:
- include: {file: changes/2.sql}
- changeSet:
    id: 5
    author: ann
    changes:
    - createTable:
        tableName: five
- include:
    file: changes/nowhere.sql
END
up_as liquibase
exits 65 'liquibase: a file that is not there'
like "$err" 'changelog.yaml:9' 'liquibase: in which line'
sed '$d' "$dir/changelog.yaml" | sed '$d' >"$dir/new" && mv "$dir/new" "$dir/changelog.yaml"
up_as liquibase
exits 65 'liquibase: a changeset in YAML'
like "$err" 'changelog.yaml' 'liquibase: in which file'
up_as liquibase --foreign-code skip
like "$out" '^done: 1 applied' 'liquibase: is passed over when asked for'
file changelog.yaml <<'END'
databaseChangeLog:
- include:
    file: changes/2.sql
    labels: x
END
up_as liquibase
exits 65 'liquibase: an include with labels'
like "$err" 'changelog.yaml:2.*labels' 'liquibase: is not passed over in silence'

fresh_db
mkdir "$dir/elsewhere"
up_as liquibase
exits 65 'liquibase: a folder without a changelog'
like "$err" 'neither a root changelog nor a file' 'liquibase: is not taken for an empty one'

# A precondition has to have one answer.
precondition() { # QUERY WHAT
    fresh_db
    printf -- '--liquibase formatted sql\n--changeset me:1\n--precondition-sql-check expectedResult:1 %s\nCREATE TABLE a (id integer);\n' "$1" | file changelog.sql
    up_as liquibase
    exits 2 "liquibase: a precondition that has $2"
    like "$err" "changelog.sql:3:1: its precondition $3" "liquibase: a precondition that has $2: says so"
    not_ok "liquibase: a precondition that has $2: the changeset does not run" sql 'SELECT * FROM a'
}
precondition 'SELECT 1 WHERE 1 = 0' 'no row' 'returned no row'
precondition 'SELECT 1 UNION ALL SELECT 1' 'two rows' 'returned several rows'
precondition 'SELECT NULL' 'no value' 'wants "1" and got ""'

# What is in the way of a precondition decides nothing: it is asked again by the next run.
guarded() { # QUERY
    printf -- '--liquibase formatted sql\n--changeset me:1\nCREATE TABLE a (id integer);\n--changeset me:2\n--preconditions onFail:MARK_RAN onError:MARK_RAN\n--precondition-sql-check expectedResult:0 %s\nINSERT INTO a VALUES (2);\n' "$1" | file changelog.sql
}
unanswered() { # EXPECTED-CODE WHAT: of the last run, and that the next one runs the changeset
    exits "$1" "liquibase: a precondition $2"
    like "$err" 'changelog.sql:6:1: ' "liquibase: a precondition $2: its place"
    like "$err" '^state: nothing of .*changelog.sql was run' "liquibase: a precondition $2: what is there"
    guarded 'SELECT COUNT(*) FROM a'
    up_as liquibase
    like "$out" '^done: 1 applied, 1 already' "liquibase: a precondition $2: is asked again"
    is "$(sql 'SELECT id FROM a')" 2 "liquibase: a precondition $2: and its changeset runs"
}
if [ "$engine" != sqlite ]; then
    fresh_db
    case $engine in
    postgres)
        guarded 'SELECT COUNT(*) FROM a, pg_sleep(300)'
        asked() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND wait_event = 'PgSleep'")" = 1 ]; }
        ;;
    mariadb)
        guarded 'SELECT COUNT(*) + SLEEP(300) FROM a'
        asked() { sql 'SHOW PROCESSLIST' | grep -q 'SLEEP(300)'; }
        ;;
    esac
    "$DUNLIN" -u "$url" -d "$dir" --layout liquibase up >"$work/asks.out" 2>"$work/asks.err" </dev/null &
    runner=$!
    ok "liquibase: a precondition that takes its time" wait_until 60 asked
    kill -TERM "$runner"
    wait "$runner"
    status=$? out=$(cat "$work/asks.out") err=$(cat "$work/asks.err")
    unanswered 130 'that is interrupted'
fi
if [ "$engine" = postgres ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    sql "ALTER DATABASE $db SET lock_timeout = '100ms'"
    guarded 'SELECT COUNT(*) FROM busy'
    rm -f "$work/lock.in"
    mkfifo "$work/lock.in"
    client <"$work/lock.in" >/dev/null &
    holder=$!
    exec 7>"$work/lock.in"
    printf 'BEGIN; LOCK TABLE busy;\n' >&7
    held() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'busy'::regclass AND granted")" = 1 ]; }
    wait_until 30 held
    up_as liquibase
    exec 7>&-
    wait "$holder"
    unanswered 5 'that somebody else locks out'
fi
