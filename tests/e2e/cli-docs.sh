#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What --help says stands in the manual page, and the reverse; so do the completion and the config
# file's keys. Needs no database.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
page=$abs_top_srcdir/man/dunlin.1

commands=$("$DUNLIN" help | sed -n '/^commands:/,/^$/s/^  \([a-z]\{1,\}\).*/\1/p' | sort)
options=$({
    "$DUNLIN" help
    for command in $commands; do "$DUNLIN" help "$command"; done
} | sed -nE 's/^  (-[a-zA-Z],|   ) (--[a-z-]+).*/\2/p' | sort -u)
letters=$({
    "$DUNLIN" help
    for command in $commands; do "$DUNLIN" help "$command"; done
} | sed -nE 's/^  (-[a-zA-Z]), --.*/\1/p' | sort -u)

like "$options" '^--url$' "help lists options"
is "$(sed -nE 's/^\.It Ic ([a-z]+).*/\1/p' "$page" | sort)" "$commands" \
    "the manual has the commands of the help"
is "$(sed -nE 's/^\.It .*Fl -([a-z-]+).*/--\1/p' "$page" | sort -u)" "$options" \
    "the manual has the options of the help"
is "$(sed -nE 's/^\.It Fl ([a-zA-Z]) .*/-\1/p' "$page" | sort -u)" "$letters" "and their letters"

while read -r command aliases; do
    text=$("$DUNLIN" help "$command")
    for alias in $aliases; do
        is "$("$DUNLIN" help "$alias")" "$text" "$alias is $command"
        like "$(grep -A 40 "^\.It Ic $command" "$page")" "^\.Ic .*\<$alias\>" \
            "the manual tells of $alias"
    done
done <<'S'
up migrate deploy apply
down rollback revert undo
to goto
status info
check validate
new add generate
S

# The exit codes of the library are those of the manual.
is "$(sed -nE 's/^\.It ([0-9]+)$/\1/p' "$page" | sort -n)" \
    "$(sed -nE '/^enum dunlin_status/,/^}/s/^ *DUNLIN_[A-Z_]+ = ([0-9]+).*/\1/p' \
        "$abs_top_srcdir/include/dunlin/error.h" | sort -n)" "the manual has every exit code"

if command -v mandoc >/dev/null; then
    is "$(mandoc -Tlint -Wstyle "$page" 2>&1 | grep -v 'outdated mandoc.db')" "" "mandoc finds nothing"
fi

# Completion asks the help.
complete_words() {
    COMP_WORDS=("$DUNLIN" "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _dunlin
    printf '%s\n' "${COMPREPLY[@]}" | sort -u
}
. "$abs_top_srcdir/completions/dunlin"
is "$(complete_words '')" "$commands" "completion: commands"
is "$(complete_words st)" status "completion: the beginning of a command"
is "$(complete_words down --al)" "--all
--allow-exec" "completion: the options of a command"
is "$(complete_words up --format '')" "json
text" "completion: the words of an option"
is "$(complete_words up --)" "$("$DUNLIN" help up | grep -oE '^  (-[a-zA-Z],|   ) --[a-z-]+' |
    grep -oE -e '--[a-z-]+' | sort -u)" "completion: every option"
done_testing
