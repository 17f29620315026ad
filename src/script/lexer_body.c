/* SPDX-License-Identifier: MIT */
/*
 * Which ";" do not end a statement, because they stand inside a body: BEGIN ATOMIC .. END,
 * triggers, and the stored programs of MySQL and MariaDB with their blocks, loops and labels.
 * Keywords count only where a statement can start, since most of them are legal names elsewhere;
 * END of CASE .. END is the exception. Also finds COPY .. FROM STDIN.
 */
#include "script/lexer_impl.h"

#include <stddef.h>
#include <string.h>

/* Sorted: keyword_of() searches. */
enum keyword {
    K_NONE = 0,
    K_AGGREGATE,
    K_ALTER,
    K_AND,
    K_AS,
    K_ATOMIC,
    K_BEGIN,
    K_BODY,
    K_CASE,
    K_COMMENT,
    K_CONTAINS,
    K_CONTINUE,
    K_COPY,
    K_CREATE,
    K_DATA,
    K_DECLARE,
    K_DEFINER,
    K_DETERMINISTIC,
    K_DO,
    K_EACH,
    K_ELSE,
    K_ELSEIF,
    K_ELSIF,
    K_END,
    K_EVENT,
    K_EXCEPTION,
    K_EXISTS,
    K_EXIT,
    K_EXPLAIN,
    K_FOLLOWS,
    K_FOR,
    K_FOUND,
    K_FROM,
    K_FUNCTION,
    K_HANDLER,
    K_IF,
    K_INVOKER,
    K_IS,
    K_LANGUAGE,
    K_LOOP,
    K_MODIFIES,
    K_NO,
    K_NOT,
    K_OR,
    K_PACKAGE,
    K_PLAN,
    K_PRECEDES,
    K_PROCEDURE,
    K_QUERY,
    K_READS,
    K_REPEAT,
    K_REPLACE,
    K_RETURN,
    K_RETURNS,
    K_ROW,
    K_SECURITY,
    K_SQL,
    K_SQLSTATE,
    K_STDIN,
    K_STDOUT,
    K_TEMP,
    K_TEMPORARY,
    K_THEN,
    K_TRIGGER,
    K_UNDO,
    K_UNTIL,
    K_VALUE,
    K_WHEN,
    K_WHILE,
    K_WORK,
    K_END_OF_LIST
};

static const char *const names[] = {
    NULL,      "AGGREGATE", "ALTER",   "AND",           "AS",        "ATOMIC",    "BEGIN",
    "BODY",    "CASE",      "COMMENT", "CONTAINS",      "CONTINUE",  "COPY",      "CREATE",
    "DATA",    "DECLARE",   "DEFINER", "DETERMINISTIC", "DO",        "EACH",      "ELSE",
    "ELSEIF",  "ELSIF",     "END",     "EVENT",         "EXCEPTION", "EXISTS",    "EXIT",
    "EXPLAIN", "FOLLOWS",   "FOR",     "FOUND",         "FROM",      "FUNCTION",  "HANDLER",
    "IF",      "INVOKER",   "IS",      "LANGUAGE",      "LOOP",      "MODIFIES",  "NO",
    "NOT",     "OR",        "PACKAGE", "PLAN",          "PRECEDES",  "PROCEDURE", "QUERY",
    "READS",   "REPEAT",    "REPLACE", "RETURN",        "RETURNS",   "ROW",       "SECURITY",
    "SQL",     "SQLSTATE",  "STDIN",   "STDOUT",        "TEMP",      "TEMPORARY", "THEN",
    "TRIGGER", "UNDO",      "UNTIL",   "VALUE",         "WHEN",      "WHILE",     "WORK",
};

/* Compares a word of a text with a name, which is upper case. */
static int compare(const char *text, size_t len, const char *name)
{
    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)text[i];
        int order = (c >= 'a' && c <= 'z' ? c - 0x20 : c) - (unsigned char)name[i];

        if (order != 0)
            return order; /* also where the name ends */
    }
    return name[len] == '\0' ? 0 : -1;
}

/* Binary search over names; the table is small and the words are short. */
static enum keyword keyword_of(const char *text, size_t len)
{
    size_t low = 1, high = sizeof(names) / sizeof(names[0]);

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(text, len, names[middle]);

        if (order == 0)
            return (enum keyword)middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return K_NONE;
}

/* A token as the body sees it. A word behind "." or "@" is a name, whatever it says. */
struct input {
    enum token_kind kind;
    enum keyword keyword; /* of a word that is not a name */
    char c;               /* of punctuation */
    size_t at;
};

static void compound(struct lexer *lx, const struct input *t);

static bool is_punct(const struct input *t, char c)
{
    return t->kind == TOKEN_PUNCT && t->c == c;
}

static bool is_name(const struct input *t)
{
    return t->kind == TOKEN_WORD || t->kind == TOKEN_QUOTED;
}

/* ---- blocks -------------------------------------------------------------------------------- */

static uint8_t top(const struct body *b)
{
    return b->depth ? b->blocks[b->depth - 1].kind : (uint8_t)BLOCK_NONE;
}

static void push(struct lexer *lx, enum block_kind kind, size_t at)
{
    struct body *b = &lx->body;

    if (b->depth == BODY_DEPTH) {
        lexer_fail(lx, lx->sql + at, "more than %d blocks inside one another", BODY_DEPTH);
        return;
    }
    b->blocks[b->depth].kind = (uint8_t)kind;
    b->blocks[b->depth++].at = at;
}

static const char *block_name(uint8_t kind)
{
    static const char *const block_names[] = {
        [BLOCK_NONE] = "body",
        [BLOCK_BEGIN] = "BEGIN",
        [BLOCK_DECLARE] = "body",
        [BLOCK_PACKAGE] = "PACKAGE",
        [BLOCK_IF] = "IF",
        [BLOCK_CASE] = "CASE",
        [BLOCK_CASE_EXPRESSION] = "CASE",
        [BLOCK_LOOP] = "LOOP",
        [BLOCK_WHILE] = "WHILE",
        [BLOCK_REPEAT] = "REPEAT",
        [BLOCK_UNTIL] = "REPEAT",
        [BLOCK_FOR] = "FOR",
    };

    return block_names[kind];
}

/* ---- COPY, BEGIN ATOMIC, triggers ---------------------------------------------------------- */

/* FROM STDIN outside parentheses; STDOUT means the same there. */
static void copy(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (lx->depth == 0 && b->before == K_FROM && (t->keyword == K_STDIN || t->keyword == K_STDOUT))
        b->stdin_data = true;
}

static void atomic_head(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (t->keyword != K_ATOMIC || b->before != K_BEGIN)
        return;
    b->mode = BODY_ATOMIC;
    b->at = t->at;
    b->start = true;
}

/* Every statement inside ends with ";", so END closes only where one could start. */
static void atomic(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (b->start && t->keyword == K_END)
        b->mode = BODY_OFF;
    b->start = is_punct(t, ';');
}

/* END closes only behind ";", and ends the statement only before ";" or the end of the text. */
static void trigger(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (!is_punct(t, ';')) {
        b->closing = b->start && t->keyword == K_END;
        b->start = false;
    } else if (b->closing) {
        b->mode = BODY_OFF;
    } else {
        b->start = true;
    }
}

/* ---- the head of CREATE -------------------------------------------------------------------- */

static void create(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;
    bool compounds = (lx->flags & DUNLIN_LEX_COMPOUND) != 0;

    if (t->kind != TOKEN_WORD || b->previous == '=' || b->previous == '@' || b->previous == '.')
        return;
    switch (t->keyword) {
    case K_OR:
    case K_REPLACE:
    case K_DEFINER:
    case K_AGGREGATE:
    case K_TEMP:
    case K_TEMPORARY:
        return;
    case K_TRIGGER:
        b->mode = (lx->flags & DUNLIN_LEX_TRIGGER) ? BODY_TRIGGER : BODY_NAME;
        b->at = t->at;
        break;
    case K_FUNCTION:
    case K_PROCEDURE:
        b->mode = (lx->flags & DUNLIN_LEX_BEGIN_ATOMIC) ? BODY_ATOMIC_HEAD : BODY_NAME;
        break;
    case K_EVENT:
    case K_PACKAGE:
        b->mode = BODY_NAME;
        break;
    default:
        b->mode = BODY_OFF;
        return;
    }
    b->object = (uint8_t)t->keyword;
    if (b->mode == BODY_NAME && !compounds)
        b->mode = BODY_OFF;
}

/* IF NOT EXISTS may come before the name; the name may be any word. */
static void name(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (!is_name(t) || t->keyword == K_IF || t->keyword == K_NOT || t->keyword == K_EXISTS ||
        (t->keyword == K_BODY && b->object == K_PACKAGE && b->before == K_PACKAGE))
        return;
    b->mode = BODY_HEAD;
    b->step = 0;
}

/* The body begins with this token. */
static void enter(struct lexer *lx, const struct input *t)
{
    lx->body.mode = BODY_COMPOUND;
    lx->body.start = true;
    compound(lx, t);
}

/* The body begins behind this token. */
static void enter_behind(struct lexer *lx)
{
    lx->body.mode = BODY_COMPOUND;
    lx->body.start = true;
}

static void enter_block(struct lexer *lx, const struct input *t, enum block_kind kind)
{
    push(lx, kind, t->at);
    enter_behind(lx);
}

static bool is_characteristic(enum keyword k)
{
    return k == K_COMMENT || k == K_LANGUAGE || k == K_SQL || k == K_NOT || k == K_DETERMINISTIC ||
           k == K_CONTAINS || k == K_NO || k == K_READS || k == K_DATA || k == K_MODIFIES ||
           k == K_SECURITY || k == K_DEFINER || k == K_INVOKER;
}

static bool is_opener(enum keyword k)
{
    return k == K_BEGIN || k == K_IF || k == K_CASE || k == K_LOOP || k == K_WHILE ||
           k == K_REPEAT || k == K_FOR;
}

static void head_procedure(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (t->kind == TOKEN_QUOTED && b->previous != '.') {
        enter(lx, t); /* a quoted label */
        return;
    }
    if (t->kind != TOKEN_WORD || is_characteristic(t->keyword) || b->previous == '.' ||
        b->before == K_LANGUAGE)
        return;
    if ((t->keyword == K_AS || t->keyword == K_IS) && (lx->flags & DUNLIN_LEX_ORACLE))
        enter_block(lx, t, BLOCK_DECLARE);
    else
        enter(lx, t);
}

/* The type behind RETURNS may be any words; what runs is RETURN, a block or a label. */
static void head_function(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;
    bool oracle = (lx->flags & DUNLIN_LEX_ORACLE) != 0;

    if (is_punct(t, ':'))
        enter_behind(lx);
    else if (b->before == K_RETURNS || (oracle && b->before == K_RETURN))
        return;
    else if (oracle && (t->keyword == K_AS || t->keyword == K_IS))
        enter_block(lx, t, BLOCK_DECLARE);
    else if (is_opener(t->keyword) || (t->keyword == K_RETURN && !oracle))
        enter(lx, t);
}

/* FOR EACH ROW [FOLLOWS|PRECEDES name] body */
static void head_trigger(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (b->step == 0) {
        if (t->keyword == K_ROW && b->before == K_EACH)
            b->step = 1;
    } else if (b->step == 1 && (t->keyword == K_FOLLOWS || t->keyword == K_PRECEDES)) {
        b->step = 2;
    } else if (b->step == 2) {
        b->step = 3;
    } else {
        enter(lx, t);
    }
}

static void head_package(struct lexer *lx, const struct input *t)
{
    if (!is_name(t) || lx->body.previous == '.' || is_characteristic(t->keyword))
        return;
    push(lx, BLOCK_PACKAGE, t->at);
    if (t->keyword == K_AS || t->keyword == K_IS)
        enter_behind(lx);
    else
        enter(lx, t);
}

static void head(struct lexer *lx, const struct input *t)
{
    if (is_punct(t, ';')) {
        lx->body.mode = BODY_OFF;
        return;
    }
    if (lx->depth > 0)
        return;
    switch (lx->body.object) {
    case K_PROCEDURE:
        head_procedure(lx, t);
        break;
    case K_FUNCTION:
        head_function(lx, t);
        break;
    case K_TRIGGER:
        head_trigger(lx, t);
        break;
    case K_PACKAGE:
        head_package(lx, t);
        break;
    default:
        if (t->keyword == K_DO)
            enter_behind(lx);
        break;
    }
}

/* ---- stored programs ----------------------------------------------------------------------- */

/* A simple statement: at the top its ";" is the end. */
static void simple(struct body *b)
{
    if (b->depth == 0 && !b->label)
        b->mode = BODY_OFF;
}

/* BEGIN ends the declarations of AS .. BEGIN and of a package, and shares their END. */
static void start_begin(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (top(b) == BLOCK_DECLARE || top(b) == BLOCK_PACKAGE)
        b->blocks[b->depth - 1].kind = BLOCK_BEGIN;
    else
        push(lx, BLOCK_BEGIN, t->at);
    b->start = true;
}

static void start_end(struct body *b)
{
    if (b->depth > 0)
        b->depth--;
    b->closing = true;
}

static void start_declare(struct lexer *lx, const struct input *t)
{
    if (lx->flags & DUNLIN_LEX_ORACLE) {
        push(lx, BLOCK_DECLARE, t->at);
        lx->body.start = true;
    } else {
        lx->body.handler = 1;
    }
}

static void start_routine(struct body *b)
{
    if (top(b) == BLOCK_PACKAGE || top(b) == BLOCK_DECLARE)
        b->routine = true;
    else
        simple(b);
}

static void start_block(struct lexer *lx, const struct input *t, enum block_kind kind,
                        enum keyword await)
{
    push(lx, kind, t->at);
    lx->body.await = (uint8_t)await;
    lx->body.start = await == K_NONE && kind != BLOCK_CASE;
}

/* Does the word open a block? */
static bool start_opener(struct lexer *lx, const struct input *t)
{
    switch (t->keyword) {
    case K_BEGIN:
        start_begin(lx, t);
        return true;
    case K_IF:
        start_block(lx, t, BLOCK_IF, K_THEN);
        return true;
    case K_CASE:
        start_block(lx, t, BLOCK_CASE, K_NONE);
        return true;
    case K_LOOP:
        start_block(lx, t, BLOCK_LOOP, K_NONE);
        return true;
    case K_REPEAT:
        start_block(lx, t, BLOCK_REPEAT, K_NONE);
        return true;
    case K_WHILE:
        start_block(lx, t, BLOCK_WHILE, K_DO);
        return true;
    case K_FOR:
        start_block(lx, t, BLOCK_FOR, K_DO);
        return true;
    default:
        return false;
    }
}

/* A statement, or the next part of one, starts with this word. */
static void start_word(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (start_opener(lx, t))
        return;
    switch (t->keyword) {
    case K_WHEN:
    case K_ELSEIF:
    case K_ELSIF:
        b->await = K_THEN;
        break;
    case K_ELSE:
        b->start = true;
        break;
    case K_EXCEPTION:
        b->start = (lx->flags & DUNLIN_LEX_ORACLE) != 0;
        break;
    case K_UNTIL:
        if (top(b) == BLOCK_REPEAT)
            b->blocks[b->depth - 1].kind = BLOCK_UNTIL;
        break;
    case K_END:
        start_end(b);
        break;
    case K_DECLARE:
        start_declare(lx, t);
        break;
    case K_PROCEDURE:
    case K_FUNCTION:
        start_routine(b);
        break;
    default:
        b->label = true;
        break;
    }
}

/* Can the expression before END inside CASE be complete? If not END is a name there. */
static bool operand_before(const struct body *b)
{
    if (b->previous == 'w')
        return b->before != K_CASE && b->before != K_WHEN && b->before != K_THEN &&
               b->before != K_ELSE && b->before != K_OR && b->before != K_AND && b->before != K_NOT;
    return b->previous == 'q' || b->previous == 's' || b->previous == '1' || b->previous == ')' ||
           b->previous == '?';
}

static bool awaited(const struct lexer *lx, const struct input *t)
{
    const struct body *b = &lx->body;

    if (b->await == K_NONE || lx->depth > 0 || top(b) == BLOCK_CASE_EXPRESSION)
        return false;
    return t->keyword == b->await || (b->await == K_DO && t->keyword == K_LOOP);
}

/* A word inside a statement of a body. */
static void inside_word(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (awaited(lx, t)) {
        b->await = K_NONE;
        b->start = true;
    } else if (b->routine && lx->depth == 0 && (t->keyword == K_AS || t->keyword == K_IS)) {
        b->routine = false;
        enter_block(lx, t, BLOCK_DECLARE);
    } else if (b->routine && lx->depth == 0 && t->keyword == K_BEGIN) {
        b->routine = false;
        enter_block(lx, t, BLOCK_BEGIN);
    } else if (t->keyword == K_CASE) {
        push(lx, BLOCK_CASE_EXPRESSION, t->at);
    } else if (t->keyword == K_END && top(b) == BLOCK_CASE_EXPRESSION && operand_before(b)) {
        b->depth--;
    } else if (t->keyword == K_REPEAT && top(b) == BLOCK_UNTIL && b->before == K_END) {
        start_end(b);
    }
}

/* DECLARE CONTINUE|EXIT|UNDO HANDLER FOR condition, .. statement. handler says what comes next:
 * 1 the action, 2 HANDLER, 3 FOR, 4 a condition, 5 the rest of SQLSTATE [VALUE] '..', 6 FOUND,
 * 7 a comma or the statement. True if the token belongs to it. */
static bool handler(struct body *b, const struct input *t)
{
    enum keyword k = t->keyword;
    bool fits = true;

    switch (b->handler) {
    case 1:
        fits = k == K_CONTINUE || k == K_EXIT || k == K_UNDO;
        break;
    case 2:
        fits = k == K_HANDLER;
        break;
    case 3:
        fits = k == K_FOR;
        break;
    case 4:
        b->handler = k == K_SQLSTATE ? 5 : k == K_NOT ? 6 : 7;
        return true;
    case 5:
        if (k != K_VALUE)
            b->handler = 7;
        return true;
    case 6:
        b->handler = 7;
        return true;
    default:
        if (is_punct(t, ',')) {
            b->handler = 4;
            return true;
        }
        b->handler = 0;
        b->start = true;
        return false;
    }
    b->handler = fits ? b->handler + 1 : 0;
    return fits;
}

static void compound_semicolon(struct body *b)
{
    while (top(b) == BLOCK_CASE_EXPRESSION)
        b->depth--;
    b->await = b->handler = 0;
    b->closing = b->label = b->routine = false;
    b->start = true;
    if (b->depth == 0)
        b->mode = BODY_OFF;
}

static void compound_start(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (is_punct(t, '<') || is_punct(t, '>') || b->previous == '<') /* <<label>> */
        return;
    b->start = false;
    if (t->kind == TOKEN_WORD)
        start_word(lx, t);
    else if (t->kind == TOKEN_QUOTED)
        b->label = true;
    else
        simple(b);
}

/* Is the ":" at the current byte a label's, and not of ":="? */
static bool ends_label(struct lexer *lx, const struct input *t)
{
    return is_punct(t, ':') && lexer_peek(lx, 1) != '=';
}

static void compound(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;
    bool label = b->label;

    if (is_punct(t, ';')) {
        compound_semicolon(b);
        return;
    }
    if (b->closing || (b->handler && handler(b, t)))
        return;
    b->label = false;
    if (b->start)
        compound_start(lx, t);
    else if (label && ends_label(lx, t))
        b->start = true;
    else if (label && b->depth == 0)
        simple(b);
    else if (t->kind == TOKEN_WORD)
        inside_word(lx, t);
}

/* CASE operand WHEN: the first WHEN of a CASE statement does not start a statement. */
static void compound_case(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (t->keyword == K_WHEN && !b->start && top(b) == BLOCK_CASE && lx->depth == 0)
        b->await = K_THEN;
    compound(lx, t);
}

/* ---- the top ------------------------------------------------------------------------------- */

static void top_compound(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (t->keyword == K_BEGIN) {
        b->mode = BODY_TOP_BEGIN;
        b->at = t->at;
    } else if (is_opener(t->keyword) ||
               ((lx->flags & DUNLIN_LEX_ORACLE) && (t->keyword == K_DECLARE || is_punct(t, '<')))) {
        enter(lx, t);
    }
}

/* The first token of the statement. */
static void first(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;
    const uint64_t creates = DUNLIN_LEX_BEGIN_ATOMIC | DUNLIN_LEX_TRIGGER | DUNLIN_LEX_COMPOUND;

    if ((lx->flags & DUNLIN_LEX_TRIGGER) &&
        (t->keyword == K_EXPLAIN || t->keyword == K_QUERY || t->keyword == K_PLAN))
        return;
    b->mode = BODY_OFF;
    if (t->keyword == K_CREATE && (lx->flags & creates))
        b->mode = BODY_CREATE;
    else if (t->keyword == K_ALTER && (lx->flags & DUNLIN_LEX_COMPOUND))
        b->mode = BODY_CREATE;
    else if (t->keyword == K_COPY && (lx->flags & DUNLIN_LEX_COPY))
        b->mode = BODY_COPY;
    else if (lx->flags & DUNLIN_LEX_COMPOUND)
        top_compound(lx, t);
}

/* BEGIN NOT ATOMIC is a block; BEGIN alone opens a transaction, but for Oracle mode. */
static void top_begin(struct lexer *lx, const struct input *t)
{
    struct body *b = &lx->body;

    if (t->keyword == K_NOT) {
        return;
    } else if (t->keyword == K_ATOMIC && b->before == K_NOT) {
        push(lx, BLOCK_BEGIN, b->at);
        enter_behind(lx);
    } else if ((lx->flags & DUNLIN_LEX_ORACLE) && !is_punct(t, ';') && t->keyword != K_WORK) {
        push(lx, BLOCK_BEGIN, b->at);
        enter(lx, t);
    } else {
        b->mode = BODY_OFF;
    }
}

/* ---- entry points -------------------------------------------------------------------------- */

void body_start(struct lexer *lx)
{
    const uint64_t bodies =
        DUNLIN_LEX_BEGIN_ATOMIC | DUNLIN_LEX_TRIGGER | DUNLIN_LEX_COMPOUND | DUNLIN_LEX_COPY;
    struct body *b = &lx->body;

    memset(b, 0, offsetof(struct body, blocks));
    if ((lx->flags & bodies) && lx->delimiter_len == 0)
        b->mode = BODY_FIRST;
}

static struct input input_of(const struct lexer *lx, enum token_kind kind, size_t at, size_t len)
{
    const char *text = lexer_data(lx) + lx->sql + at;
    char previous = lx->body.previous;
    struct input t = {kind, K_NONE, kind == TOKEN_PUNCT ? *text : '\0', at};

    if (kind == TOKEN_WORD && previous != '.' && previous != '@')
        t.keyword = keyword_of(text, len);
    return t;
}

void body_token(struct lexer *lx, enum token_kind kind, size_t at, size_t len)
{
    static void (*const modes[])(struct lexer *, const struct input *) = {
        [BODY_FIRST] = first,         [BODY_CREATE] = create,
        [BODY_COPY] = copy,           [BODY_ATOMIC_HEAD] = atomic_head,
        [BODY_ATOMIC] = atomic,       [BODY_TRIGGER] = trigger,
        [BODY_TOP_BEGIN] = top_begin, [BODY_NAME] = name,
        [BODY_HEAD] = head,           [BODY_COMPOUND] = compound_case,
    };
    static const char kinds[] = {
        [TOKEN_WORD] = 'w', [TOKEN_QUOTED] = 'q', [TOKEN_STRING] = 's', [TOKEN_NUMBER] = '1'};
    struct input t = input_of(lx, kind, at, len);
    struct body *b = &lx->body;

    if (b->mode != BODY_OFF)
        modes[b->mode](lx, &t);
    b->before = (uint8_t)t.keyword;
    b->previous = kind == TOKEN_PUNCT ? t.c : kinds[kind];
}

/* Would ";" here be inside a body? */
bool body_is_open(const struct lexer *lx)
{
    const struct body *b = &lx->body;

    if (b->mode == BODY_TRIGGER)
        return !b->closing;
    return b->mode == BODY_ATOMIC || (b->mode == BODY_COMPOUND && b->depth > 0);
}

bool body_is_copy_stdin(const struct lexer *lx)
{
    return lx->body.mode == BODY_COPY && lx->body.stdin_data;
}

void body_fail(struct lexer *lx)
{
    const struct body *b = &lx->body;

    if (b->mode == BODY_TRIGGER)
        lexer_fail(lx, lx->sql + b->at, "unterminated trigger body");
    else if (b->mode == BODY_ATOMIC)
        lexer_fail(lx, lx->sql + b->at, "unterminated BEGIN ATOMIC");
    else
        lexer_fail(lx, lx->sql + b->blocks[b->depth - 1].at, "unterminated %s",
                   block_name(b->blocks[b->depth - 1].kind));
}
