#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Folders and files that are broken, or made to hurt: each is refused with its place and what to do,
# before anything ran, in memory that does not grow with it. On SQLite.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" sqlite "* ]] || skip_all "the sqlite driver is not built"
export DUNLIN_URL=sqlite:app.db
: "${DUNLIN_TEST_HOSTILE_FILES:=20000}"

fresh() { # an empty folder
    rm -rf m app.db
    mkdir m
}
# refused ERE HINT NAME: up says so and changes nothing; no byte of it can steer a terminal.
refused() {
    dunlin -d m up
    exits 65 "$3: exit code"
    like "$err" "^error: $1" "$3: says what and where"
    like "$err" "^hint: .*$2" "$3: says what to do"
    unlike "$(LC_ALL=C tr -d '\n' <<<"$err")" $'[\001-\037\177]' "$3: nothing that steers a terminal"
    is "$out" "" "$3: nothing was run"
}
# the most memory of the last command, in KiB; 0 under a sanitizer
peak_of() {
    run "$abs_top_builddir/tests/support/peak" "$work/peak" "$DUNLIN" "$@"
    peak=$(cat "$work/peak")
}
# below KIB NAME
below() {
    [ "$peak" -lt "$1" ] && tap_result ok "$2" && return
    tap_result not "$2"
    diag "$peak KiB"
}

# ---- bytes of a script ----
fresh
printf 'SELECT 1;\nSELECT \0002;\n' >m/1_a.sql
refused 'm/1_a.sql:2:8: the text contains a NUL byte' UTF-8 "a NUL byte"
printf "SELECT 'a\0b';\n" >m/1_a.sql
refused 'm/1_a.sql:1:10: the text contains a NUL byte' UTF-8 "a NUL byte in a string"
printf '\377\376S\0E\0L\0' >m/1_a.sql
refused 'm/1_a.sql:1:1: the byte 0xff is not valid UTF-8|m/1_a.sql:1:.: the text contains a NUL' \
    UTF-8 "UTF-16"
printf 'CREATE TABLE t (a integer);\nCREATE TABLE gr\366\337e (a integer);\n' >m/1_a.sql
refused 'm/1_a.sql:2:16: the byte 0xf6 is not valid UTF-8' UTF-8 "Latin-1 in a name"
printf 'CREATE TABLE a (id integer);\n DROP \342\200\256TABLE a;\n' >m/1_a.sql
refused 'm/1_a.sql:2:7: the invisible character U\+202E' 'remove it' "right-to-left override"
printf 'DROP TABLE us\342\200\213ers;\n' >m/1_a.sql
refused 'm/1_a.sql:1:14: the invisible character U\+200B' 'remove it' "zero-width space in a name"
printf '\357\273\277SELECT 1;\n\357\273\277BEGIN;\n' >m/1_a.sql
refused 'm/1_a.sql:2:1: the invisible character U\+FEFF' 'remove it' "a second byte order mark"
{
    printf '\357\273\277-- \342\200\256 and \377\n/* \342\200\213 */ CREATE TABLE "a\342\200\213" (a text);\n'
    printf "INSERT INTO \"a\342\200\213\" VALUES ('\342\200\256'), (x'ff');\nSELECT '\377';\n"
} >m/1_a.sql
dunlin -d m up
exits 0 "between quotes and in comments all of it may stand"

fresh
printf 'CREATE TABLE a (id integer);\n/* \342\200\256 */ INSERT INTO a VALUES (1);\n' >m/1_a.sql
for command in 'check --no-db --dialect sqlite' plan up; do
    dunlin -d m -u sqlite:turns.db $command
    exits 0 "a comment that turns the direction of the text, $command"
    like "$err" '^warning: m/1_a.sql:2:4: a character .* turns the direction' "is warned of, with its place, $command"
done

# ---- compressed ----
fresh
# 10 GB of one letter: a thousand members of 10 MB
head -c 10485760 /dev/zero | tr '\0' a | gzip -9 >member
for _ in {1..10}; do cat member; done >ten
for _ in {1..100}; do cat ten; done >m/1_a.sql.gz
refused 'm/1_a.sql.gz holds more than [0-9]+ times its size' uncompressed "a bomb of one statement"
peak_of -d m up
below 65536 "the bomb takes no memory"
peak_of -d m status
below 65536 "status: the bomb takes no memory"
head -c 10485760 /dev/zero | tr '\0' a | gzip -1 >member
for _ in {1..100}; do cat member; done >m/1_a.sql.gz
refused 'm/1_a.sql.gz holds more than [0-9]+ times its size' uncompressed "a bomb of a lower ratio"
{
    echo 'CREATE TABLE t (a text);'
    yes "SELECT 'the same row again and again', 0, 0;" | head -c 33554432 | head -n -1
} | gzip -9 >m/1_a.sql.gz
dunlin -d m check --no-db
exits 0 "32 MiB of one row again and again, at best compression, are no bomb"
gzip -9 <<<'SELECT 1;' | head -c 20 >m/1_a.sql.gz
refused 'cannot decompress m/1_a.sql.gz: it ends too early' 'gzip -t' "a cut .gz"

# ---- 10 GB that are not there ----
fresh
if truncate -s 10G m/1_a.sql 2>/dev/null; then
    refused 'm/1_a.sql:1:1: the text contains a NUL byte' UTF-8 "a sparse file"
    peak_of -d m check --no-db
    exits 1 "a sparse file is a finding of check"
    below 65536 "the sparse file takes no memory"
fi

# ---- what is no file ----
fresh
mkfifo m/1_a.sql
refused 'm/1_a.sql is a named pipe, not a file' 'regular file' "a FIFO"
fresh
if mknod m/1_a.sql c 1 5 2>/dev/null; then # /dev/zero by another name
    refused 'm/1_a.sql is a (socket or )?device, not a file' 'regular file' "a device"
fi
fresh
ln -s 1_a.sql m/1_a.sql
refused 'm/1_a.sql is a symbolic link that leads back to itself' delete "a link to itself"
ln -sf 2_b.sql m/1_a.sql
ln -s 1_a.sql m/2_b.sql
refused 'm/[12]_[ab].sql is a symbolic link that leads back to itself' delete "two links in a ring"
fresh
ln -s nothing m/1_a.sql
refused 'm/1_a.sql is a symbolic link to nothing' delete "a link to nothing"
for to in /etc/passwd /dev/zero ../other.sql /proc/self/mem; do
    echo 'SELECT 1;' >other.sql
    ln -sf "$to" m/1_a.sql
    [ -e m/1_a.sql ] || continue
    refused 'm/1_a.sql is a symbolic link that leaves the folder' '-d DIR' "a link to $to"
done
fresh
ln -s ../m m/hooks
refused 'm/hooks is a symbolic link that leaves the folder' '-d DIR' "hooks is the folder itself"
fresh
ln -s loop m/loop
dunlin -d m/loop up
exits 78 "the folder is a link to itself"
fresh
mkdir m/1_a.sql
dunlin -d m up
exits 0 "a sub-folder is left alone, whatever its name"

# ---- names and versions ----
nines=$(printf '9%.0s' {1..40})
fresh
for v in 0002 9223372036854775807 9223372036854775808 18446744073709551616 "$nines"; do
    : >"m/${v}_x.sql"
done
dunlin -d m up --json
exits 0 "versions above 2^63 and 2^64"
dunlin -d m status
is "$(awk '$2 == "applied" { printf "%s ", $1 }' <<<"$out")" \
    "0002 9223372036854775807 9223372036854775808 18446744073709551616 $nines " \
    "they run in the order of numbers and keep their text"
: >"m/000000000000000000000000000018446744073709551616_y.sql"
dunlin -d m up
exits 65 "a number that is there with leading zeros, too"
fresh
: >"m/1$(printf '0%.0s' {1..100})_googol.sql"
refused 'm/10+_googol.sql has a version of 101 digits; at most 40' rename "10^100"
fresh
: >$'m/1_a\e]0;x\a\e[2J.sql'
refused 'm/1_a\\x1b\]0;x\\x07\\x1b\[2J.sql has a name with control' rename "escapes in a name"
fresh
: >$'m/1_a\n2_b.sql'
refused 'm/1_a\\x0a2_b.sql has a name with control' rename "a line end in a name"
fresh
: >$'m/1_\342\200\256lqs.sql'
refused 'm/1_\\u\{202e\}lqs.sql has a name with control, direction' rename "a name that turns"
dunlin -d m check --no-db --json
unlike "$out" $'[\001-\037\177]|\342\200\256' "JSON holds no such byte either"

# ---- many ----
fresh
seq -f 'm/%07.0f_m.sql' 1 "$DUNLIN_TEST_HOSTILE_FILES" | xargs touch
peak_of -d m check --no-db
exits 0 "$DUNLIN_TEST_HOSTILE_FILES files"
like "$out" "0 findings in $DUNLIN_TEST_HOSTILE_FILES migrations" "all of them are seen"
below $((32768 + DUNLIN_TEST_HOSTILE_FILES)) "they take less than 1 KiB each"
: >m/0000001_again.sql
dunlin -d m up
exits 65 "one too many among them"
like "$err" '0000001_again.sql and 0000001_m.sql' "both of them are named"

done_testing
