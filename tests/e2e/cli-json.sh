#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --format json: one event a line, or one document, and its keys. On SQLite.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" sqlite "* ]] || skip_all "the sqlite driver is not built"
export DUNLIN_URL=sqlite:app.db DUNLIN_FORMAT=json
mkdir migrations
printf -- '-- Description: the "people" \xc3\xa4\nCREATE TABLE users (id integer);\n' >migrations/1_users.sql
echo 'CREATE TABLE pets (id integer);' >migrations/2_pets.sql

plain() {
    sed -E -e 's/"(micros|duration_ms|seq)":[0-9]+/"\1":N/g' -e 's/[0-9a-f]{64}/SUM/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z/TIME/g' \
        -e 's/"applied_by":"[^"]*"/"applied_by":"WHO"/g' <<<"$1"
}
first='"source":"main","version":"1","name":"users","kind":"versioned"'
second='"source":"main","version":"2","name":"pets","kind":"versioned"'
about='"description":"the \"people\" \u00E4","file":"migrations/1_users.sql","checksum":"v1:sha256:SUM"'

dunlin status
exits 0 "status"
is "$(plain "$out")" "{\"v\":1,\"migrations\":[{$first,\"state\":\"pending\",$about},{$second,\"state\":\"pending\",\"file\":\"migrations/2_pets.sql\",\"checksum\":\"v1:sha256:SUM\"}],\"total\":2,\"pending\":2}" \
    "status: document"
dunlin plan 1
is "$(plain "$out")" "{\"v\":1,\"migrations\":[{$first,\"state\":\"pending\",$about,\"direction\":\"up\",\"statements\":1,\"transactional\":true,\"reversible\":false}],\"to_apply\":1,\"already_applied\":0}" \
    "plan: document"
dunlin up 1
is "$(plain "$out" | grep -v -e lock_ -e run_end)" "{\"v\":1,\"event\":\"run_begin\",\"seq\":N,\"direction\":\"up\",\"migrations\":1}
{\"v\":1,\"event\":\"migration_begin\",\"seq\":N,\"direction\":\"up\",$first,\"file\":\"migrations/1_users.sql\",\"statements\":1}
{\"v\":1,\"event\":\"migration_end\",\"seq\":N,\"direction\":\"up\",$first,\"file\":\"migrations/1_users.sql\",\"statements\":1,\"executed\":1,\"micros\":N}
{\"v\":1,\"event\":\"done\",\"applied\":1,\"already_applied\":0,\"total\":2,\"pending\":1,\"micros\":N}" \
    "up: events"
is "$err" "" "up: nothing on standard error"
dunlin up -v
like "$out" '^\{"v":1,"event":"statement_end",.*"text":"CREATE TABLE pets \(id integer\)' "-v: statements"
dunlin status
like "$(plain "$out")" "\{$first,\"state\":\"applied\",.*\"applied_at\":\"TIME\",\"applied_by\":\"WHO\",\"duration_ms\":N,\"statements_done\":1,\"statements_total\":1\}" \
    "status: what an applied one has"

echo 'CREATE TABEL x (id integer);' >migrations/3_x.sql
dunlin up
exits 2 "a failure"
is "$err" "" "a failure: nothing on standard error"
last=$(tail -n 1 <<<"$out")
like "$last" '^\{"v":1,"event":"error","error":\{"message":"near \\"TABEL\\": syntax error","exit_code":2,"kind":"syntax","native":1,"file":"migrations/3_x.sql","line":1,"column":8,"statement":1,' \
    "a failure: the last event"
dunlin down
exits 6 "down of an irreversible one"
like "$out" '^\{"v":1,"event":"error","error":\{' "down: an error is an event"
dunlin status -c nowhere
exits 78 "a document that fails"
like "$out" '^\{"v":1,"error":\{"message":"cannot read nowhere: .*","exit_code":78,"kind":"configuration"\}\}$' \
    "a document that fails: an object with the error"
rm migrations/3_x.sql

dunlin new more
is "$out" '{"v":1,"path":"migrations/3_more.sql"}' "new"
dunlin new pair --pair
is "$out" '{"v":1,"path":"migrations/4_pair.up.sql","down_path":"migrations/4_pair.down.sql"}' "new --pair"
dunlin drivers
like "$out" '^\{"v":1,"drivers":\[.*\{"name":"sqlite","path":"[^"]*","usable":true,' "drivers"
dunlin up --quiet
is "$(grep -c . <<<"$out")" 1 "up -q: the last event only"
dunlin status --format text
like "$out" '^version ' "an argument goes before the environment"

# Bytes that are not UTF-8, and text that a build log would take for a command.
printf '##vso[x]\x1b SELEC \x27\xff\x27' >migrations/0009_bytes.sql
dunlin up
exits 2 "strange bytes"
is "$(LC_ALL=C grep -c -a -e '[^ -~]' "$work/.out")" 0 "only printable ASCII comes out"
unlike "$out" '##' "no ## comes out"
if command -v python3 >/dev/null; then
    ok "each line is JSON by itself" python3 -c '
import json, sys
for line in open(sys.argv[1]):
    assert json.loads(line)["v"] == 1' "$work/.out"
fi
done_testing
