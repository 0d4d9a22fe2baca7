#include "reconciler/sim/id.h"

#include <assert.h>
#include <string.h>

#include "manifest/key_text.h"

#define KEY_BYTES     32
#define KEY_LETTERS   56 /* of (1 + KEY_BYTES + 2) bytes, five bits a letter */
#define PREFIX_SERVER 0x68
#define PREFIX_CURVE  0xb8

#define DAY_SECONDS ((int64_t)86400)

static const char *const adjectives[] = {"amber", "brisk",  "calm",   "dusty",
                                         "early", "gentle", "hollow", "quiet",
                                         "rapid", "silent", "spring", "wispy"};
static const char *const nouns[] = {"brook",  "cedar", "dune",   "field",
                                    "harbor", "lake",  "meadow", "moon",
                                    "pine",   "river", "shadow", "shape"};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

const char *sim_id_key(struct sim_prng *prng, enum sim_key_kind kind, struct arena *arena)
{
    unsigned char raw[1 + KEY_BYTES + 2];
    char *letters = arena_alloc(arena, KEY_LETTERS + 1);

    raw[0] = kind == SIM_KEY_HOST ? PREFIX_SERVER : PREFIX_CURVE;
    for (size_t i = 0; i < KEY_BYTES; i++) {
        raw[1 + i] = (unsigned char)(sim_prng_next(prng) >> 56);
    }
    key_text_seal(raw, 1 + KEY_BYTES);
    key_text_write(raw, sizeof raw, letters);
    assert(strlen(letters) == KEY_LETTERS);
    return letters;
}

const char *sim_id_name(struct sim_prng *prng, struct arena *arena)
{
    const char *adjective = adjectives[sim_prng_below(prng, COUNT_OF(adjectives))];
    const char *noun = nouns[sim_prng_below(prng, COUNT_OF(nouns))];

    return arena_print(arena, "%s-%s-%u", adjective, noun,
                       (unsigned int)sim_prng_below(prng, 9000) + 1000);
}

void sim_id_print_event(struct sim_prng *prng, int64_t unix_ms, struct text *text)
{
    const uint64_t time = (uint64_t)unix_ms;
    const uint64_t first = sim_prng_next(prng);
    const uint64_t second = sim_prng_next(prng);

    assert(unix_ms >= 0);
    text_append(text, "%08x-%04x-%04x-%04x-%012llx",
                (unsigned int)((time >> 16) & 0xffffffffU),
                (unsigned int)(time & 0xffffU), (unsigned int)(first & 0xffffU),
                (unsigned int)((first >> 16) & 0xffffU),
                (unsigned long long)(second & UINT64_C(0xffffffffffff)));
}

/*
 * Days since 1970-01-01 as a date of the Gregorian calendar: years are counted from
 * March, so that the leap day is the last of its year.
 */
static void print_date(int64_t days, struct text *text)
{
    const int64_t shifted = days + 719468; /* since 0000-03-01 */
    const int64_t era = shifted / 146097;
    const int64_t day_of_era = shifted % 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const int64_t month =
        month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

    assert(day >= 1 && day <= 31 && month >= 1 && month <= 12);
    text_append(text, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
}

void sim_id_print_time(int64_t unix_ms, struct text *text)
{
    const int64_t seconds = unix_ms / 1000;
    const int64_t of_day = seconds % DAY_SECONDS;

    assert(unix_ms >= 0);
    print_date(seconds / DAY_SECONDS, text);
    text_append(text, "T%02d:%02d:%02d.%03d000000Z", (int)(of_day / 3600),
                (int)(of_day / 60 % 60), (int)(of_day % 60), (int)(unix_ms % 1000));
}

void sim_id_print_uptime(int64_t seconds, struct text *text)
{
    /* As the humantime crate counts: a year is 365.25 days, a month 30.44. */
    static const struct {
        int64_t seconds;
        const char *one;
        const char *many;
    } units[] = {{31557600, "year", "years"},
                 {2630016, "month", "months"},
                 {DAY_SECONDS, "day", "days"},
                 {3600, "h", "h"},
                 {60, "m", "m"},
                 {1, "s", "s"}};
    const char *space = "";

    assert(seconds >= 0);
    if (seconds == 0) {
        text_append(text, "0s");
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        const int64_t count = seconds / units[i].seconds;

        seconds %= units[i].seconds;
        if (count > 0) {
            text_append(text, "%s%lld%s", space, (long long)count,
                        count == 1 ? units[i].one : units[i].many);
            space = " ";
        }
    }
    assert(seconds == 0);
}
