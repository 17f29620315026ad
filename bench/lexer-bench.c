/* SPDX-License-Identifier: MIT */
/*
 * Cuts a file into statements and does nothing else, so that the lexer's own cost can be measured.
 *
 *     lexer-bench postgres|sqlite|mariadb FILE
 *
 * Prints the number of statements.
 */
#include <stdio.h>
#include <string.h>
#include "base/stream.h"
#include "script/lexer.h"

#include "../tests/unit/lex-dialects.h"

#define MAX_STATEMENT ((size_t)64 << 20)

struct file_stream {
    struct stream stream;
    FILE *file;
};

static int file_read(struct stream *s, char *to, size_t size, size_t *got, struct dunlin_error *err)
{
    struct file_stream *f = (struct file_stream *)s;

    *got = fread(to, 1, size, f->file);
    if (!ferror(f->file))
        return DUNLIN_OK;
    err->status = DUNLIN_BAD_FILE;
    return DUNLIN_BAD_FILE;
}

/* Returns a dunlin_status. */
static int count_statements(struct stream *stream, uint64_t flags, unsigned long *count)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct lexer *lx = NULL;
    struct piece piece = {.kind = PIECE_BLANK};
    int status = lexer_new(stream, flags, lex_modes, NULL, MAX_STATEMENT, &lx, &err);

    *count = 0;
    while (!status && piece.kind != PIECE_END) {
        status = lexer_next(lx, &piece, &err);
        *count += !status && piece.kind == PIECE_STATEMENT;
    }
    lexer_free(lx);
    if (status)
        fprintf(stderr, "lexer-bench: line %u: %s\n", (unsigned)err.line, err.message);
    return status;
}

int main(int argc, char **argv)
{
    static const char *const engines[LEX_ENGINES] = {
        [LEX_POSTGRES] = "postgres",
        [LEX_MYSQL] = "mariadb",
        [LEX_SQLITE] = "sqlite",
    };
    struct file_stream stream = {{file_read}, NULL};
    unsigned long count;
    int engine = 0, status;

    while (argc == 3 && engine < LEX_ENGINES && strcmp(engines[engine], argv[1]) != 0)
        engine++;
    if (argc != 3 || engine == LEX_ENGINES)
        return 64;
    stream.file = fopen(argv[2], "rb");
    if (!stream.file) {
        perror(argv[2]);
        return 1;
    }
    status = count_statements(&stream.stream, lex_flags[engine], &count);
    fclose(stream.file);
    if (!status)
        printf("%lu\n", count);
    return status;
}
