/* SPDX-License-Identifier: MIT */
/*
 * The driver ABI, pinned: a change of a released offset, size or number does not compile. A new
 * member gets a new line, and the pin of its struct's size changes with it; nothing else may.
 * Offsets are those of 64-bit systems, the order that they prove is the same everywhere.
 */
#include <dunlin/driver.h>

#include <stddef.h>

#if UINTPTR_MAX == UINT64_MAX
#define AT(type, member, offset)                                                                   \
    _Static_assert(offsetof(struct type, member) == (offset), #type "." #member " has moved")
#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type " has another size")

AT(dunlin_lex_mode, variable, 0);
AT(dunlin_lex_mode, value, 8);
AT(dunlin_lex_mode, set, 16);
AT(dunlin_lex_mode, clear, 24);
SIZE(dunlin_lex_mode, 32);

AT(dunlin_rule, pattern, 0);
AT(dunlin_rule, effect, 8);
AT(dunlin_rule, reserved, 12);
SIZE(dunlin_rule, 16);

AT(dunlin_dialect, size, 0);
AT(dunlin_dialect, literal, 4);
AT(dunlin_dialect, lex, 8);
AT(dunlin_dialect, modes, 16);
AT(dunlin_dialect, rules, 24);
AT(dunlin_dialect, quote, 32);
AT(dunlin_dialect, begin, 40);
AT(dunlin_dialect, commit, 48);
AT(dunlin_dialect, rollback, 56);
AT(dunlin_dialect, reset, 64);
AT(dunlin_dialect, session, 72);
AT(dunlin_dialect, history_create, 80);
AT(dunlin_dialect, now, 88);
AT(dunlin_dialect, elapsed_ms, 96);
AT(dunlin_dialect, time_text, 104);
AT(dunlin_dialect, bytes_prefix, 112);
AT(dunlin_dialect, bytes_suffix, 120);
AT(dunlin_dialect, bytes_hex, 128);
AT(dunlin_dialect, lock, 136);
AT(dunlin_dialect, unlock, 144);
AT(dunlin_dialect, lock_holder, 152);
AT(dunlin_dialect, lock_timeout, 160);
AT(dunlin_dialect, statement_timeout, 168);
AT(dunlin_dialect, foreign_keys_get, 176);
AT(dunlin_dialect, foreign_keys_off, 184);
AT(dunlin_dialect, foreign_keys_on, 192);
AT(dunlin_dialect, foreign_keys_check, 200);
AT(dunlin_dialect, blockers, 208);
AT(dunlin_dialect, invalid_index, 216);
AT(dunlin_dialect, drop_index, 224);
AT(dunlin_dialect, use_schema, 232);
AT(dunlin_dialect, lock_breakers, 240);
AT(dunlin_dialect, database_empty, 248);
AT(dunlin_dialect, database_exists, 256);
AT(dunlin_dialect, database_create, 264);
AT(dunlin_dialect, database_drop, 272);
AT(dunlin_dialect, maintenance, 280);
AT(dunlin_dialect, database_files, 288);
AT(dunlin_dialect, trace, 296);
AT(dunlin_dialect, leftovers, 304);
AT(dunlin_dialect, commit_async, 312);
AT(dunlin_dialect, valid_index, 320);
AT(dunlin_dialect, repeatable, 328);
AT(dunlin_dialect, equal, 336);
AT(dunlin_dialect, quiet, 344);
AT(dunlin_dialect, name_max, 352);
SIZE(dunlin_dialect, 360);

AT(dunlin_param, key, 0);
AT(dunlin_param, value, 8);
SIZE(dunlin_param, 16);

AT(dunlin_host, size, 0);
AT(dunlin_host, reserved, 4);
AT(dunlin_host, context, 8);
AT(dunlin_host, notice, 16);
AT(dunlin_host, fail, 24);
SIZE(dunlin_host, 32);

AT(dunlin_stmt, sql, 0);
AT(dunlin_stmt, len, 8);
AT(dunlin_stmt, flags, 16);
AT(dunlin_stmt, reserved, 20);
SIZE(dunlin_stmt, 24);

AT(dunlin_batch, size, 0);
AT(dunlin_batch, count, 4);
AT(dunlin_batch, stmts, 8);
AT(dunlin_batch, rows, 16);
AT(dunlin_batch, completed, 24);
AT(dunlin_batch, failed, 28);
SIZE(dunlin_batch, 32);

AT(dunlin_driver, magic, 0);
AT(dunlin_driver, abi_major, 4);
AT(dunlin_driver, abi_minor, 6);
AT(dunlin_driver, struct_size, 8);
AT(dunlin_driver, reserved, 12);
AT(dunlin_driver, name, 16);
AT(dunlin_driver, version, 24);
AT(dunlin_driver, description, 32);
AT(dunlin_driver, schemes, 40);
AT(dunlin_driver, caps, 48);
AT(dunlin_driver, dialect, 56);
AT(dunlin_driver, client_version, 64);
AT(dunlin_driver, open, 72);
AT(dunlin_driver, close, 80);
AT(dunlin_driver, server_version, 88);
AT(dunlin_driver, exec, 96);
AT(dunlin_driver, query, 104);
AT(dunlin_driver, tx_state, 112);
AT(dunlin_driver, cancel, 120);
AT(dunlin_driver, copy_begin, 128);
AT(dunlin_driver, copy_write, 136);
AT(dunlin_driver, copy_end, 144);
AT(dunlin_driver, session_number, 152);
AT(dunlin_driver, apart, 160);
SIZE(dunlin_driver, 168);

AT(dunlin_error, size, 0);
AT(dunlin_error, status, 4);
AT(dunlin_error, kind, 8);
AT(dunlin_error, native, 12);
AT(dunlin_error, flags, 16);
AT(dunlin_error, line, 20);
AT(dunlin_error, column, 24);
AT(dunlin_error, statement, 28);
AT(dunlin_error, stmt_line, 32);
AT(dunlin_error, caret, 36);
AT(dunlin_error, stmt_pos, 40);
AT(dunlin_error, sqlstate, 48);
AT(dunlin_error, file, 56);
AT(dunlin_error, source_line, 312);
AT(dunlin_error, message, 568);
AT(dunlin_error, detail, 1592);
AT(dunlin_error, hint, 2104);
AT(dunlin_error, context, 2616);
AT(dunlin_error, state, 3128);
AT(dunlin_error, next, 3640);
SIZE(dunlin_error, 3896);

#endif

#define NUMBER(name, number) _Static_assert((name) == (number), #name " has another number")

NUMBER(DUNLIN_LEX_BACKSLASH, 1);
NUMBER(DUNLIN_LEX_E_STRING, 2);
NUMBER(DUNLIN_LEX_DOUBLE_STRING, 4);
NUMBER(DUNLIN_LEX_BACKTICK, 8);
NUMBER(DUNLIN_LEX_BRACKET, 16);
NUMBER(DUNLIN_LEX_DOLLAR_QUOTE, 32);
NUMBER(DUNLIN_LEX_NESTED_COMMENT, 64);
NUMBER(DUNLIN_LEX_OPEN_COMMENT, 128);
NUMBER(DUNLIN_LEX_EXEC_COMMENT, 256);
NUMBER(DUNLIN_LEX_HASH_COMMENT, 512);
NUMBER(DUNLIN_LEX_DASH_SPACE, 1024);
NUMBER(DUNLIN_LEX_PAREN, 2048);
NUMBER(DUNLIN_LEX_BEGIN_ATOMIC, 4096);
NUMBER(DUNLIN_LEX_COMPOUND, 8192);
NUMBER(DUNLIN_LEX_ORACLE, 16384);
NUMBER(DUNLIN_LEX_TRIGGER, 32768);
NUMBER(DUNLIN_LEX_COPY, 65536);
NUMBER(DUNLIN_LEX_DELIMITER, UINT64_C(131072));
NUMBER(DUNLIN_LEX_META_BACKSLASH, UINT64_C(262144));
NUMBER(DUNLIN_LEX_META_DOT, UINT64_C(524288));
NUMBER(DUNLIN_LEX_CR_COMMENT, UINT64_C(1048576));
NUMBER(DUNLIN_EFFECT_NONE, 0);
NUMBER(DUNLIN_EFFECT_NO_TX, 1);
NUMBER(DUNLIN_EFFECT_COMMITS, 2);
NUMBER(DUNLIN_EFFECT_BEGIN, 3);
NUMBER(DUNLIN_EFFECT_COMMIT, 4);
NUMBER(DUNLIN_EFFECT_ROLLBACK, 5);
NUMBER(DUNLIN_EFFECT_SAVEPOINT, 6);
NUMBER(DUNLIN_EFFECT_TX_CONTROL, 7);
NUMBER(DUNLIN_EFFECT_LOCK_TABLES, 8);
NUMBER(DUNLIN_EFFECT_UNLOCK_TABLES, 9);
NUMBER(DUNLIN_EFFECT_FOREIGN_KEYS, 10);
NUMBER(DUNLIN_EFFECT_LEX_MODE, 11);
NUMBER(DUNLIN_EFFECT_SESSION, 12);
NUMBER(DUNLIN_LITERAL_STANDARD, 0);
NUMBER(DUNLIN_LITERAL_ESCAPE, 1);
NUMBER(DUNLIN_LITERAL_HEX, 2);
NUMBER(DUNLIN_TX_IDLE, 0);
NUMBER(DUNLIN_TX_OPEN, 1);
NUMBER(DUNLIN_TX_FAILED, 2);
NUMBER(DUNLIN_TX_UNKNOWN, 3);
NUMBER(DUNLIN_CAP_TX_DDL, 1);
NUMBER(DUNLIN_CAP_BATCH, 2);
NUMBER(DUNLIN_CAP_COPY, 4);
NUMBER(DUNLIN_CAP_CANCEL, 8);
NUMBER(DUNLIN_KIND_CONFIG, 21);
NUMBER(DUNLIN_KIND_NONE, 0);
NUMBER(DUNLIN_KIND_CONNECT, 1);
NUMBER(DUNLIN_KIND_AUTH, 2);
NUMBER(DUNLIN_KIND_LOST, 3);
NUMBER(DUNLIN_KIND_PERMISSION, 4);
NUMBER(DUNLIN_KIND_SYNTAX, 5);
NUMBER(DUNLIN_KIND_MISSING_TABLE, 6);
NUMBER(DUNLIN_KIND_MISSING_COLUMN, 7);
NUMBER(DUNLIN_KIND_MISSING, 8);
NUMBER(DUNLIN_KIND_EXISTS, 9);
NUMBER(DUNLIN_KIND_DUPLICATE, 10);
NUMBER(DUNLIN_KIND_CONSTRAINT, 11);
NUMBER(DUNLIN_KIND_DATA, 12);
NUMBER(DUNLIN_KIND_LOCKED, 13);
NUMBER(DUNLIN_KIND_DEADLOCK, 14);
NUMBER(DUNLIN_KIND_TIMEOUT, 15);
NUMBER(DUNLIN_KIND_CANCELLED, 16);
NUMBER(DUNLIN_KIND_TRANSACTION, 17);
NUMBER(DUNLIN_KIND_READONLY, 18);
NUMBER(DUNLIN_KIND_FULL, 19);
NUMBER(DUNLIN_KIND_UNSUPPORTED, 20);
NUMBER(DUNLIN_KIND_DRIVER, 22);
NUMBER(DUNLIN_KIND_NOMEM, 23);
NUMBER(DUNLIN_KIND_SERVER, 24);
NUMBER(DUNLIN_KIND_FILE, 25);
NUMBER(DUNLIN_KIND_HISTORY, 26);
NUMBER(DUNLIN_KIND_USAGE, 27);
NUMBER(DUNLIN_KIND_INTERNAL, 28);
NUMBER(DUNLIN_OK, 0);
NUMBER(DUNLIN_NO, 1);
NUMBER(DUNLIN_FAILED, 2);
NUMBER(DUNLIN_PARTIAL, 3);
NUMBER(DUNLIN_NO_CONNECTION, 4);
NUMBER(DUNLIN_LOCKED, 5);
NUMBER(DUNLIN_CONFLICT, 6);
NUMBER(DUNLIN_USAGE, 64);
NUMBER(DUNLIN_BAD_FILE, 65);
NUMBER(DUNLIN_CONFIG, 78);
NUMBER(DUNLIN_INTERRUPTED, 130);

_Static_assert(DUNLIN_DRIVER_MAGIC == 0x6e6c6e64, "the magic number is for ever");
_Static_assert(DUNLIN_ABI_MAJOR == 1, "another major version needs other pins");
_Static_assert(sizeof(enum dunlin_kind) == sizeof(int), "an enum is an int");
