#include "manifest/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "manifest/limits.h"
#include "manifest/tree_anchor.h"
#include "manifest/tree_cursor.h"
#include "manifest/tree_input.h"
#include "manifest/tree_json.h"
#include "manifest/tree_keys.h"
#include "manifest/tree_recent.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A collection that has begun and not ended. */
struct frame {
    struct tree_node *node;
    const char *anchor;   /* NULL: it has none */
    size_t pending_first; /* its first item in pending */
    size_t nodes_before;  /* read when it began */
    size_t height;        /* of its highest item */
    struct place end;     /* of its last item, as it stands here */
};

struct reader {
    struct tree_input input;
    struct tree_cursor cursor;
    struct tree_json json;     /* what libyaml reads in place of a text that has edits */
    struct tree_cursor origin; /* in that text */
    struct arena *arena;
    struct diags *diags;
    struct arena scratch; /* what is needed only while reading */
    struct frame frames[TREE_DEPTH_MAX];
    size_t depth;
    struct tree_node **pending; /* the items of all open collections */
    struct arena pending_arena; /* of nothing else */
    size_t pending_count;
    size_t pending_capacity;
    struct tree_recent recent;
    struct tree_anchors anchors; /* of this document */
    size_t nodes_count;          /* aliases counted as what they stand for */
    struct tree_node *root;
    struct span span; /* of the event that was read last */
    bool is_in_document;
    struct tree_documents documents;
    size_t documents_capacity;
    bool is_stopped; /* an error makes the rest meaningless */
};

/* Report the first error that makes the rest meaningless. */
static void stop(struct reader *reader, const char *rule, const struct span *span,
                 const char *message)
{
    if (!reader->is_stopped) {
        diags_add(reader->diags, DIAG_ERROR, rule, span, "%s", message);
        reader->is_stopped = true;
    }
}

/* The place in the text of a byte of what libyaml reads; quick when the bytes grow. */
static struct place place_of_byte(struct reader *reader, size_t offset)
{
    if (reader->json.edits_count == 0) {
        return tree_cursor_place_of_byte(&reader->cursor, offset);
    }
    offset = tree_json_origin(&reader->json, offset);
    return offset < reader->origin.offset || offset > reader->origin.length
               ? tree_cursor_place_of_byte(&reader->origin, offset)
               : tree_cursor_walk(&reader->origin, offset);
}

static struct place place_of(struct reader *reader, const yaml_mark_t *mark)
{
    const struct place place =
        tree_cursor_place(&reader->cursor, mark->line, mark->column);

    return reader->json.edits_count > 0 ? place_of_byte(reader, reader->cursor.offset)
                                        : place;
}

static void count_nodes(struct reader *reader, size_t count, const struct span *span)
{
    reader->nodes_count += count;
    if (reader->nodes_count > TREE_NODES_MAX) {
        stop(reader, "limit", span,
             arena_print(&reader->scratch,
                         "more than %d values, aliases counted as what they stand for: "
                         "expected fewer",
                         TREE_NODES_MAX));
    }
}

/* Whether levels more collections may begin inside those that are open. */
static bool check_depth(struct reader *reader, size_t levels, const struct span *span)
{
    if (reader->depth + levels <= TREE_DEPTH_MAX) {
        return true;
    }
    stop(reader, "limit", span,
         arena_print(&reader->scratch, "nested too deep: expected at most %d levels",
                     TREE_DEPTH_MAX));
    return false;
}

static enum tree_tag tag_of(const char *tag)
{
    static const struct {
        const char *name;
        enum tree_tag tag;
    } tags[] = {
        {YAML_STR_TAG, TREE_TAG_STRING},  {YAML_INT_TAG, TREE_TAG_INTEGER},
        {YAML_FLOAT_TAG, TREE_TAG_FLOAT}, {YAML_BOOL_TAG, TREE_TAG_BOOL},
        {YAML_NULL_TAG, TREE_TAG_NULL},   {YAML_SEQ_TAG, TREE_TAG_NONE},
        {YAML_MAP_TAG, TREE_TAG_NONE},
    };

    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strcmp(tags[i].name, tag) == 0) {
            return tags[i].tag;
        }
    }
    return TREE_TAG_OTHER;
}

static struct tree_node *node_new(struct reader *reader, enum tree_kind kind,
                                  const yaml_char_t *tag)
{
    struct tree_node *node = arena_alloc(reader->arena, sizeof *node);

    node->kind = kind;
    node->span = reader->span;
    if (tag != NULL) {
        node->tag = tag_of((const char *)tag);
    }
    count_nodes(reader, 1, &node->span);
    return node;
}

/* Room for one more pending node; unlike arena_grow, what was too small is freed. */
static void grow_pending(struct reader *reader)
{
    struct arena larger = {0};

    if (reader->pending_count < reader->pending_capacity) {
        return;
    }
    reader->pending = arena_grow(&larger, reader->pending, reader->pending_count,
                                 &reader->pending_capacity, sizeof(struct tree_node *));
    arena_free(&reader->pending_arena);
    reader->pending_arena = larger;
}

/* Make node, height levels high, the next item of the collection it stands in. */
static void attach(struct reader *reader, struct tree_node *node, size_t height,
                   struct place end)
{
    struct frame *frame;

    if (reader->depth == 0) {
        reader->root = node;
        return;
    }
    frame = &reader->frames[reader->depth - 1];
    if (height > frame->height) {
        frame->height = height;
    }
    frame->end = end;
    grow_pending(reader);
    reader->pending[reader->pending_count++] = node;
}

static const char *anchor_name(struct reader *reader, const yaml_char_t *anchor)
{
    return anchor == NULL ? NULL : arena_copy(&reader->scratch, (const char *)anchor);
}

static void put_anchor(struct reader *reader, const char *name, struct tree_node *node)
{
    if (!tree_anchor_put(&reader->anchors, name, node, &reader->scratch)) {
        stop(reader, "limit", &node->span,
             arena_print(&reader->scratch, "more than %d anchors: expected fewer",
                         TREE_ANCHORS_MAX));
    }
}

static void read_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;
    const yaml_scalar_style_t style = event->data.scalar.style;
    const char *anchor = anchor_name(reader, event->data.scalar.anchor);
    struct tree_node *node = node_new(reader, TREE_SCALAR, event->data.scalar.tag);

    if (memchr(value, '\0', length) != NULL) {
        stop(reader, "encoding", &node->span,
             "text with a NUL character in it: expected none");
        return;
    }
    node->text = tree_recent_copy(&reader->recent, reader->arena, value, length);
    node->length = (uint32_t)length;
    node->is_plain = style == YAML_PLAIN_SCALAR_STYLE;
    node->is_double_quoted = style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (anchor != NULL) {
        put_anchor(reader, anchor, node);
        tree_anchor_complete(&reader->anchors, anchor, node, 1, 0);
    }
    attach(reader, node, 0, node->span.end);
}

static void begin_collection(struct reader *reader, struct tree_node *node,
                             const yaml_char_t *anchor)
{
    const char *name = anchor_name(reader, anchor);

    if (!check_depth(reader, 1, &node->span)) {
        return;
    }
    reader->frames[reader->depth++] = (struct frame){
        .node = node,
        .anchor = name,
        .pending_first = reader->pending_count,
        .nodes_before = reader->nodes_count - 1,
    };
    if (name != NULL) {
        put_anchor(reader, name, node);
    }
}

static void end_collection(struct reader *reader, const yaml_event_t *event)
{
    const struct frame frame = reader->frames[--reader->depth];
    struct tree_node *node = frame.node;
    const size_t count = reader->pending_count - frame.pending_first;

    node->count = (uint32_t)count;
    node->items = arena_array(reader->arena, count, sizeof(struct tree_node *));
    if (count > 0) {
        memcpy(node->items, reader->pending + frame.pending_first,
               count * sizeof(struct tree_node *));
    }
    /* libyaml ends a block where the next one begins; we end it with its last item. */
    node->span.end =
        event->start_mark.index == event->end_mark.index ? frame.end : reader->span.end;
    reader->pending_count = frame.pending_first;
    if (frame.anchor != NULL) {
        tree_anchor_complete(&reader->anchors, frame.anchor, node,
                             reader->nodes_count - frame.nodes_before, frame.height + 1);
    }
    attach(reader, node, frame.height + 1, node->span.end);
    if (node->kind == TREE_MAPPING) {
        tree_keys_check(node, &reader->scratch, reader->diags);
    }
}

static void read_alias(struct reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct tree_anchor *anchor = tree_anchor_find(&reader->anchors, name);
    const struct span span = reader->span;

    if (anchor == NULL) {
        stop(reader, "alias", &span,
             arena_print(&reader->scratch,
                         "alias to %s, which is no anchor: expected one before it",
                         diag_quoted(name, &reader->scratch)));
    } else if (anchor->nodes_count == 0) {
        stop(reader, "alias", &span, "a value contains itself: expected an end to it");
    } else if (check_depth(reader, anchor->height, &span)) {
        count_nodes(reader, anchor->nodes_count, &span);
        attach(reader, anchor->node, anchor->height, span.end);
    }
}

static void end_document(struct reader *reader)
{
    struct tree_documents *documents = &reader->documents;
    const struct tree_node *root = reader->root;

    assert(reader->depth == 0 && root != NULL);

    reader->is_in_document = false;
    reader->anchors = (struct tree_anchors){0};
    if (root->kind == TREE_SCALAR && root->is_plain && root->length == 0) {
        return;
    }
    if (documents->count == TREE_DOCUMENTS_MAX) {
        stop(reader, "limit", &root->span,
             arena_print(&reader->scratch, "more than %d documents: expected fewer",
                         TREE_DOCUMENTS_MAX));
        return;
    }
    documents->roots =
        arena_grow(reader->arena, documents->roots, documents->count,
                   &reader->documents_capacity, sizeof(struct tree_node *));
    documents->roots[documents->count++] = reader->root;
}

static void read_event(struct reader *reader, const yaml_event_t *event)
{
    struct tree_node *node;

    switch (event->type) {
    case YAML_SCALAR_EVENT:
        read_scalar(reader, event);
        return;
    case YAML_SEQUENCE_START_EVENT:
        node = node_new(reader, TREE_SEQUENCE, event->data.sequence_start.tag);
        begin_collection(reader, node, event->data.sequence_start.anchor);
        return;
    case YAML_MAPPING_START_EVENT:
        node = node_new(reader, TREE_MAPPING, event->data.mapping_start.tag);
        begin_collection(reader, node, event->data.mapping_start.anchor);
        return;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        end_collection(reader, event);
        return;
    case YAML_ALIAS_EVENT:
        read_alias(reader, event);
        return;
    case YAML_DOCUMENT_END_EVENT:
        end_document(reader);
        return;
    case YAML_DOCUMENT_START_EVENT:
        reader->is_in_document = true;
        return;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        return;
    }
    abort();
}

static void report_encoding(struct reader *reader, const yaml_parser_t *parser)
{
    const char *value = "";
    struct span span;

    span.start = place_of_byte(reader, parser->problem_offset);
    span.end = span.start;
    if (parser->problem_value >= 0) {
        value = arena_print(&reader->scratch, " (0x%02x)",
                            (unsigned int)parser->problem_value);
    }
    stop(reader, "encoding", &span,
         arena_print(&reader->scratch, "%s%s: expected UTF-8 without control characters",
                     parser->problem, value));
}

/* What most often helps against a character no value can start with. */
static const char *hint_for(const struct tree_cursor *cursor, size_t index)
{
    const size_t offset = cursor->is_ascii ? index : cursor->offset;

    switch (offset < cursor->length ? cursor->text[offset] : '\0') {
    case '\t':
        return ": expected spaces, not a tab";
    case '@':
    case '`':
    case '%':
        return ": expected it in quotes";
    default:
        return "";
    }
}

/* libyaml begins a line behind the last one to end the text in. */
static struct place problem_place(struct reader *reader, const yaml_mark_t *mark)
{
    const struct place place = place_of(reader, mark);
    const struct place end = place_of_byte(reader, reader->cursor.length);

    return place.line > end.line ? end : place;
}

static void report_syntax(struct reader *reader, const yaml_parser_t *parser)
{
    const struct place place = problem_place(reader, &parser->problem_mark);
    const struct span span = {.start = place, .end = place};
    struct text message;

    text_init(&message, &reader->scratch, ERR_MESSAGE_BYTES_MAX);
    text_append(&message, "not YAML: %s", parser->problem);
    if (parser->context != NULL) {
        text_append(&message, " %s that begins in line %u", parser->context,
                    problem_place(reader, &parser->context_mark).line);
    }
    text_append(&message, "%s", hint_for(&reader->cursor, parser->problem_mark.index));
    stop(reader, "syntax", &span, message.bytes);
    if (!reader->is_in_document && reader->documents.count > 0) {
        reader->documents.count--; /* what ended there was not meant to end */
    }
}

static void report_parser(struct reader *reader, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        abort(); /* as the arena does */
    }
    if (reader->input.is_over) {
        stop(reader, "limit", &reader->span,
             arena_print(&reader->scratch,
                         "more than %zu bytes in one value or comment after this: "
                         "expected fewer",
                         TREE_EVENT_BYTES_MAX));
        return;
    }
    if (parser->error == YAML_READER_ERROR) {
        report_encoding(reader, parser);
    } else {
        report_syntax(reader, parser);
    }
}

/* Read events up to the end of the stream, or to an error. */
static void read_events(struct reader *reader, yaml_parser_t *parser)
{
    bool is_done = false;

    while (!is_done && !reader->is_stopped) {
        yaml_event_t event;

        tree_input_mark(&reader->input);
        if (yaml_parser_parse(parser, &event) == 0) {
            report_parser(reader, parser);
            return;
        }
        is_done = event.type == YAML_STREAM_END_EVENT;
        reader->span.start = place_of(reader, &event.start_mark);
        reader->span.end = place_of(reader, &event.end_mark);
        read_event(reader, &event);
        yaml_event_delete(&event);
    }
}

static void set_text(struct reader *reader, const char *text, size_t length)
{
    tree_cursor_init(&reader->cursor, text, length);
    if (tree_json_rewrite(text, length, &reader->scratch, &reader->json)) {
        reader->origin = reader->cursor;
        text = reader->json.text;
        length = reader->json.length;
        tree_cursor_init(&reader->cursor, text, length);
        reader->cursor.is_ascii = false; /* so that it knows at which byte it is */
    }
    reader->input = (struct tree_input){.text = text, .length = length};
}

bool tree_read(const char *text, size_t length, struct arena *arena, struct diags *diags,
               struct tree_documents *ret_documents)
{
    const size_t errors_before = diags->errors_count;
    struct reader reader = {.arena = arena, .diags = diags};
    yaml_parser_t parser;

    if (length > MANIFEST_BYTES_MAX) {
        const struct span start = {{1, 1}, {1, 1}};

        diags_add(diags, DIAG_ERROR, "limit", &start, "%zu bytes: expected at most %zu",
                  length, MANIFEST_BYTES_MAX);
        *ret_documents = (struct tree_documents){0};
        return false;
    }
    if (length >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (yaml_parser_initialize(&parser) == 0) {
        abort();
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    set_text(&reader, text, length);
    yaml_parser_set_input(&parser, tree_input_read, &reader.input);
    read_events(&reader, &parser);
    yaml_parser_delete(&parser);
    arena_free(&reader.pending_arena);
    arena_free(&reader.scratch);
    *ret_documents = reader.documents;
    return diags->errors_count == errors_before;
}

const struct tree_node *tree_find(const struct tree_node *mapping, const char *key)
{
    if (mapping->kind != TREE_MAPPING) {
        return NULL;
    }
    for (size_t i = 0; i < mapping->count; i += 2) {
        const struct tree_node *found = mapping->items[i];

        if (found->kind == TREE_SCALAR && strcmp(found->text, key) == 0) {
            return mapping->items[i + 1];
        }
    }
    return NULL;
}
