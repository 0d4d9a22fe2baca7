#include "manifest/tree.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An integer as written. */
struct numeral {
    bool is_negative;
    bool is_u64; /* value is all of it */
    uint64_t value;
};

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

    return is_one_of(text, words);
}

static bool is_bool(const char *text)
{
    static const char *const words[] = {"true",  "True",  "TRUE", "false",
                                        "False", "FALSE", NULL};

    return is_one_of(text, words);
}

/* The end of the decimal digits that start at text. */
static const char *skip_digits(const char *text)
{
    while (*text >= '0' && *text <= '9') {
        text++;
    }
    return text;
}

/* More digits after a leading zero: YAML 1.2 takes 007 for a string. */
static bool is_zero_led(const char *text)
{
    text += *text == '+' || *text == '-';
    return *text == '0' && text[1] != '\0' && *skip_digits(text) == '\0';
}

/* What digit stands for, or a number no radix has. */
static unsigned int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (unsigned int)(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return (unsigned int)(digit - 'a') + 10;
    }
    return digit >= 'A' && digit <= 'F' ? (unsigned int)(digit - 'A') + 10 : 16;
}

/* The radix that *digits begins with; moves it behind the prefix. */
static unsigned int skip_radix(const char **digits)
{
    static const struct {
        const char *prefix;
        unsigned int radix;
    } radixes[] = {{"0x", 16}, {"0o", 8}, {"0b", 2}};

    for (size_t i = 0; i < sizeof radixes / sizeof *radixes; i++) {
        if (strncmp(*digits, radixes[i].prefix, 2) == 0) {
            *digits += 2;
            return radixes[i].radix;
        }
    }
    return 10;
}

/*
 * Read text as an integer of up to 128 bits, or so: as far as serde_yaml goes before it
 * tries a float.
 */
static bool parse_integer(const char *text, struct numeral *ret_numeral)
{
    struct numeral numeral = {.is_negative = *text == '-', .is_u64 = true};
    const char *digits = text + (*text == '+' || *text == '-');
    const unsigned int radix = skip_radix(&digits);
    const size_t count = strlen(digits);

    if (count == 0 || count > (radix == 2 ? 128 : 38) || is_zero_led(text)) {
        return false;
    }
    for (const char *at = digits; *at != '\0'; at++) {
        const unsigned int digit = digit_value(*at);

        if (digit >= radix) {
            return false;
        }
        numeral.is_u64 = numeral.is_u64 &&
                         !__builtin_mul_overflow(numeral.value, radix, &numeral.value) &&
                         !__builtin_add_overflow(numeral.value, digit, &numeral.value);
    }
    *ret_numeral = numeral;
    return true;
}

static bool is_integer(const char *text)
{
    struct numeral numeral;

    return parse_integer(text, &numeral);
}

/* digits [. digits] [e digits], with a digit on one side of the point. */
static bool is_decimal(const char *text)
{
    const char *at = skip_digits(text);
    bool has_digits = at > text;

    if (*at == '.') {
        const char *fraction = at + 1;

        at = skip_digits(fraction);
        has_digits = has_digits || at > fraction;
    }
    if (has_digits && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1 + (at[1] == '+' || at[1] == '-');

        at = skip_digits(exponent);
        has_digits = at > exponent;
    }
    return has_digits && *at == '\0';
}

static bool is_float(const char *text)
{
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const not_numbers[] = {".nan", ".NaN", ".NAN", NULL};
    const char *unsigned_text = text + (*text == '+' || *text == '-');

    if (is_one_of(unsigned_text, infinities) || is_one_of(text, not_numbers)) {
        return true;
    }
    /* What overflows a double is a string there. */
    return is_decimal(unsigned_text) && !is_zero_led(text) &&
           isfinite(strtod(unsigned_text, NULL));
}

static enum tree_scalar_type untagged_type(const char *text)
{
    /* What anything but a string can begin with; most text is told apart here. */
    if (*text != '\0' && strchr("~nNtTfF+-.0123456789", *text) == NULL) {
        return TREE_STRING;
    }
    if (is_null(text)) {
        return TREE_NULL;
    }
    if (is_bool(text)) {
        return TREE_BOOL;
    }
    if (is_integer(text)) {
        return TREE_INTEGER;
    }
    return is_float(text) ? TREE_FLOAT : TREE_STRING;
}

/* The type a tag asks for, where text can be read as that. */
static enum tree_scalar_type tagged_type(enum tree_tag tag, const char *text)
{
    switch (tag) {
    case TREE_TAG_NULL:
        return is_null(text) ? TREE_NULL : TREE_STRING;
    case TREE_TAG_BOOL:
        return is_bool(text) ? TREE_BOOL : TREE_STRING;
    case TREE_TAG_INTEGER:
        return is_integer(text) ? TREE_INTEGER : TREE_STRING;
    case TREE_TAG_FLOAT:
        return is_float(text) || is_integer(text) ? TREE_FLOAT : TREE_STRING;
    case TREE_TAG_STRING:
    case TREE_TAG_OTHER:
    case TREE_TAG_NONE:
        return TREE_STRING;
    }
    abort();
}

enum tree_scalar_type tree_scalar_type(const struct tree_node *scalar)
{
    assert(scalar->kind == TREE_SCALAR);

    if (scalar->tag != TREE_TAG_NONE) {
        return tagged_type(scalar->tag, scalar->text);
    }
    return scalar->is_plain ? untagged_type(scalar->text) : TREE_STRING;
}

bool tree_scalar_u64(const struct tree_node *scalar, uint64_t *ret_value)
{
    struct numeral numeral;

    if (tree_scalar_type(scalar) != TREE_INTEGER ||
        !parse_integer(scalar->text, &numeral) || !numeral.is_u64 ||
        (numeral.is_negative && numeral.value > 0)) {
        return false;
    }
    *ret_value = numeral.value;
    return true;
}
