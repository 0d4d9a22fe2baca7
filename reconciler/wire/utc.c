#include "reconciler/wire/utc.h"

#include <stdio.h>

#define DAY_MS     ((int64_t)24 * 60 * 60 * 1000)
#define ERA_DAYS   146097 /* 400 years */
#define EPOCH_DAYS 719468 /* from the first of March of the year 0 to 1970 */

/* Days since 1970; a year begins in March, so that a leap day is its last.
 *
 * Source: Howard Hinnant, chrono-compatible low-level date algorithms. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t of_march = month > 2 ? year : year - 1;
    const int64_t era = (of_march >= 0 ? of_march : of_march - 399) / 400;
    const int64_t of_era = of_march - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           EPOCH_DAYS;
}

void utc_print(int64_t unix_ms, char ret_text[static UTC_TEXT_BYTES])
{
    const int64_t days = unix_ms / DAY_MS - (unix_ms % DAY_MS < 0 ? 1 : 0);
    const int64_t ms = unix_ms - days * DAY_MS;
    const int64_t shifted = days + EPOCH_DAYS;
    const int64_t era = (shifted >= 0 ? shifted : shifted - (ERA_DAYS - 1)) / ERA_DAYS;
    const int64_t of_era = shifted - era * ERA_DAYS;
    const int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * of_year + 2) / 153;

    (void)snprintf(ret_text, UTC_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
                   (unsigned)(year + era * 400 + (month >= 10 ? 1 : 0)) % 10000U,
                   (unsigned)(month < 10 ? month + 3 : month - 9) % 100U,
                   (unsigned)(of_year - (153 * month + 2) / 5 + 1) % 100U,
                   (unsigned)(ms / 3600000) % 100U, (unsigned)(ms / 60000) % 60U,
                   (unsigned)(ms / 1000) % 60U, (unsigned)ms % 1000U);
}

/* The number of width digits at *text, which is moved behind it and its end; or -1. */
static int64_t read_number(const char **text, int width, char end)
{
    int64_t number = 0;

    for (int i = 0; i < width; i++) {
        const char digit = (*text)[i];

        if (digit < '0' || digit > '9') {
            return -1;
        }
        number = number * 10 + (digit - '0');
    }
    if ((*text)[width] != end) {
        return -1;
    }
    *text += width + 1;
    return number;
}

bool utc_read(const char *text, int64_t *ret_unix_ms)
{
    const int64_t year = read_number(&text, 4, '-');
    const int64_t month = year < 0 ? -1 : read_number(&text, 2, '-');
    const int64_t day = month < 0 ? -1 : read_number(&text, 2, 'T');
    const int64_t hour = day < 0 ? -1 : read_number(&text, 2, ':');
    const int64_t minute = hour < 0 ? -1 : read_number(&text, 2, ':');
    const int64_t second = minute < 0 ? -1 : read_number(&text, 2, '.');
    const int64_t ms = second < 0 ? -1 : read_number(&text, 3, 'Z');

    if (ms < 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60 || text[0] != '\0') {
        return false;
    }
    *ret_unix_ms = days_of(year, month, day) * DAY_MS +
                   ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    return true;
}
