#include <assert.h>
#include <string.h>

#include "linkstore/old_sdk.h"
#include "reconciler/sim/host_steps.h"

/* The number that text begins with, up to end or a point, as a number: "25" is over "3".
 */
static uint32_t number_of(const char *text)
{
    const size_t length = strspn(text, "0123456789");
    uint32_t number = 0;

    for (size_t i = 0; i < length && i < 9; i++) {
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number;
}

/* Is tag, "1.2.3", of a release up to last? */
static bool is_up_to(const char *tag, const uint32_t *last)
{
    assert(tag[0] >= '0' && tag[0] <= '9');
    for (size_t i = 0; i < 3; i++) {
        const uint32_t number = number_of(tag);

        if (number != last[i]) {
            return number < last[i];
        }
        tag += strcspn(tag, ".");
        tag += *tag == '.' ? 1 : 0;
    }
    return true;
}

bool sim_sdk_is_old(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *name = slash != NULL ? slash + 1 : image;
    const char *colon = strchr(name, ':');

    if (colon == NULL || colon[1] < '0' || colon[1] > '9') {
        return true; /* as bad as it may be */
    }
    for (size_t i = 0; i < OLD_SDK_COUNT; i++) {
        if (strlen(old_sdk[i].name) == (size_t)(colon - name) &&
            strncmp(name, old_sdk[i].name, strlen(old_sdk[i].name)) == 0) {
            return is_up_to(colon + 1, old_sdk[i].last_bad);
        }
    }
    return true;
}
