# SPDX-License-Identifier: MIT
# The client dies (SIGKILL) at each event, before any of its calls to the system, and at any time.
# What is in the database then is what the history says, but for one statement that "status" and "up"
# know to be in doubt; and up finishes the job. On MySQL somebody may have to decide, once. Every
# statement of every migration ends up having run once. DUNLIN_TEST_KILL_TRIALS=N asks for N kills,
# a third of them of each kind, instead of a few; "all" dies at each event and before each call. The
# server dies, too: DUNLIN_TEST_CRASH_TRIALS=N times.
KILLER=${KILLER:-$abs_top_builddir/tests/support/killer}
. "$abs_top_srcdir/tests/e2e/engine/marks.sh"

kill_client() { # WAY N: leaks cannot be looked for in a process that is traced
    LD_LIBRARY_PATH=$marks_library ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
        "$KILLER" "$1" "$2" "$marks_real" -u "$url" -d "$dir" --json up
}

kill_server() { # MICROSECONDS: a run whose server dies
    local crashes runner
    crashes=$(cat "$DUNLIN_TEST_CRASHES" 2>/dev/null | wc -l)
    "$marks_real" -u "$url" -d "$dir" up >"$work/kill.out" 2>&1 &
    runner=$!
    sleep "$(printf %d.%06d $(($1 / 1000000)) $(($1 % 1000000)))"
    ! kill -0 "$runner" 2>/dev/null || echo killed
    kill -USR1 "$DUNLIN_TEST_SERVER_OWNER"
    wait_until 60 eval '[ "$(cat "$DUNLIN_TEST_CRASHES" 2>/dev/null | wc -l)" -gt '"$crashes"' ]'
    wait "$runner" 2>/dev/null
}

# kill_once WAY N: one trial; says what is wrong with it, if anything is.
kill_once() {
    local told wrong=
    marks_empty
    if [ "$1" = server ]; then
        told=$(LD_LIBRARY_PATH=$marks_library kill_server "$2")
        marks_hang_up
    else
        told=$(kill_client "$1" "$2")
    fi
    case $told in
    *killed) kill_hit=$((kill_hit + 1)) ;;
    *' 0' | '') ;;
    *) wrong="$wrong; the run ended with $told" ;;
    esac
    marks_finish
    [ -z "$wrong" ] || diag "$1 $2: ${wrong#; }"
    [ -z "$wrong" ]
}

kill_series() { # WAY MOMENTS...: each of them
    local way=$1 failed=0 n
    shift
    for n; do
        kill_once "$way" "$n" || failed=$((failed + 1))
    done
    is "$failed" 0 "kill: by $way, $# times: nothing is lost, and nothing ran twice"
}

# Left by a server that died between the very first statement and its note: somebody looks, and skips.
if [ "$engine" = mariadb ]; then
    marks_begin
    mkdir "$work/kill.aside"
    mv "$dir"/0[2-9]* "$dir"/1* "$work/kill.aside"
    marks_run up
    mv "$work"/kill.aside/* "$dir"
    marks_ask "DROP TABLE m1_2; DELETE FROM ran; UPDATE dunlin_migrations SET status = 'running', statements_done = 0;"
    wrong=
    marks_finish
    is "$wrong, decisions: $marks_decisions" ', decisions: 1' "kill: the first statement is in doubt"
    marks_hang_up
fi

marks_begin
kill_hit=0
[ "$engine" != postgres ] || url="$url?options=-csynchronous_commit%3Don" # a server that is to be killed
kill_trials=${DUNLIN_TEST_KILL_TRIALS:-12}
if kill_moments=$("$KILLER" event 0 true); then
    kill_started=$(date +%s%N)
    kill_client time 0 >/dev/null
    kill_micros=$((($(date +%s%N) - kill_started) / 1000))
    marks_empty
    kill_moments=$(kill_client event 0)
    like "$kill_moments" '^[0-9]+ 0$' "kill: a run of $marks_total migrations that is left alone"
    marks_compare
    is "$marks_wrong" '' "kill: leaves what it says"
    kill_events=${kill_moments%% *}
    marks_empty
    kill_moments=$(kill_client call 0)
    kill_calls=${kill_moments%% *}
    diag "a run has $kill_events events, $kill_calls calls, $kill_micros microseconds"
    if [ "$kill_trials" = all ]; then
        kill_series event $(seq "$kill_events")
        kill_series call $(seq "$kill_calls")
    else
        kill_series event $(marks_some $((kill_trials / 3)) "$kill_events")
        kill_series call $(marks_some $((kill_trials / 3)) "$kill_calls")
        kill_series time $(marks_some $((kill_trials / 3)) "$kill_micros")
    fi
    [ "$engine" = sqlite ] ||
        kill_series server $(marks_some "${DUNLIN_TEST_CRASH_TRIALS:-3}" "$kill_micros")
    diag "killed at work: $kill_hit of $marks_trials; decisions: $marks_decisions"
else
    diag "kill: this system cannot stop a process at a call"
fi
marks_hang_up
