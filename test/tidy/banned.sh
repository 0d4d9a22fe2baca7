#!/bin/sh
# Functions that are not called, or only where they belong, and what is there instead.
set -f
rc=0

# The code in one stream, "FILE:LINE:code" a line, without comments and strings.  A call
# of abort after a closing brace is the end of a switch over an enum: it is left out.
code=$(mktemp) || exit 1
trap 'rm -f "$code"' EXIT
# shellcheck disable=SC2016 # awk's own $0
find manifest linkstore reconciler test -name '*.[ch]' | sort | xargs awk '
    FNR == 1 { in_comment = 0; before = "" }
    {
        line = $0
        gsub(/\\./, "", line)
        gsub(/"[^"]*"/, "\"\"", line)
        if (in_comment) {
            if (!sub(/^.*\*\//, "", line)) next
            in_comment = 0
        }
        gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
        sub(/\/\/.*/, "", line)
        if (sub(/\/\*.*/, "", line)) in_comment = 1
        if (before ~ /^ *}$/) sub(/^ *abort\(\);/, "", line)
        if (line ~ /[^ ]/) before = line
        print FILENAME ":" FNR ":" line
    }' >"$code"

# $1 the functions, $2 a pattern of files that may call them (or nobody), $3 what instead
banned() {
    if grep -E "(^|[^A-Za-z0-9_>.])($(echo "$1" | tr ' ' '|'))\(" "$code" |
        grep -vE "^($2):"
    then
        echo "banned: $1: $3"
        rc=1
    fi
}

tests='test/[a-z_/]*\.[ch]'
run='reconciler/run/[a-z_]*\.c'
banned 'strcpy strcat sprintf vsprintf strncpy strncat stpcpy gets' nobody \
    'text.h knows how much there is room for'
banned 'strtok atoi atol atoll sscanf' nobody 'they cannot say what is wrong'
banned 'strtol strtoll strtoul strtoull strtoimax strtoumax' "$tests" \
    'text.h and options.c read numbers'
banned 'strtod strtof' 'manifest/tree_scalar\.c' 'the tree reads scalars'
banned 'malloc calloc realloc strdup strndup asprintf vasprintf' \
    "manifest/(arena|pool)\.c|linkstore/(sql|store[a-z_]*)\.c|$run|$tests" \
    'use an arena or a pool'
banned 'alloca' nobody 'use an arena'
banned 'printf fprintf vprintf vfprintf puts fputs putchar perror' "$run|$tests" \
    'print to a text; only reconciler/run speaks'
banned 'time gettimeofday clock_gettime localtime gmtime ctime' \
    'reconciler/run/clock\.c|test/support[a-z_]*\.c' 'clock.h, or the moment of the event'
banned 'rand random srand srandom drand48' nobody 'chance follows from a seed'
banned 'exit _exit quick_exit' "reconciler/run/main\.c|$tests" 'return an error'
banned 'abort' "manifest/(arena|pool|tree)\.c|$run|$tests" \
    'it ends a switch over an enum, and answers that there is no memory'
banned 'system popen' nobody 'there is no shell to trust'
banned 'signal setlocale' nobody 'loop.c reads signals; numbers have one form'
exit $rc
