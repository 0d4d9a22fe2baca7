# trellis - a reconciler for wasmCloud 1.x lattices
#
#   make            the binary, build/dev/trellis
#   make run        the main job, from nothing: see README.md
#   make bench      how fast, over a real NATS server (COMPONENTS=1000)
#   make check      the quick part of the tests, under a minute
#   make test       all of them; installs what is missing
#   make lint       clang-format, clang-tidy, cppcheck, -fanalyzer, mandoc, shellcheck
#   make fuzz       libFuzzer on everything that reads foreign bytes (T=manifest SECONDS=60)
#
# Build modes: dev (default), release, asan, tsan, cover, fuzz; e.g. make MODE=asan check
MODE    ?= dev
ifeq ($(origin CC),default) # make's own is cc
CC       = gcc
endif
OUT     ?= build/$(MODE)
PREFIX  ?= /usr/local
SECONDS ?= 60
WERROR  ?= -Werror

# --- flags ---------------------------------------------------------------------------
VERSION  = 0.1.0
STD      = -std=c17 -D_XOPEN_SOURCE=700 -DTRELLIS_VERSION=\"$(VERSION)\" -I. -I$(OUT)
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
           -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef \
           -Wformat=2 -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings \
           -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion \
           -Wredundant-decls -Wnested-externs -Wdate-time $(WERROR)
WARN_gcc = -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init \
           -Warith-conversion -Wformat-signedness -Wformat-overflow=2 \
           -Wformat-truncation=1 -Wstringop-overflow=4 -Walloc-zero -Wtrampolines
HARDEN   = -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE
LDHARDEN = -pie -Wl,-z,relro,-z,now,-z,noexecstack
MODE_dev     = -O1 -g3
MODE_release = -O2 -g -D_FORTIFY_SOURCE=3 $(HARDEN)
MODE_asan    = -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined \
               -fno-sanitize-recover=all
MODE_tsan    = -O1 -g3 -fsanitize=thread
MODE_cover   = -O0 -g3 --coverage
MODE_fuzz    = -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link \
               -fno-sanitize-recover=all
ALL_CFLAGS   = $(STD) $(WARN) $(if $(findstring gcc,$(CC)),$(WARN_gcc)) \
               $(MODE_$(MODE)) -MMD -MP $(CFLAGS)
ALL_LDFLAGS  = $(MODE_$(MODE)) $(if $(filter release,$(MODE)),$(LDHARDEN)) $(LDFLAGS)
LDLIBS       = -lyaml -lsqlite3 -ljansson -lnats -lmd -lpthread

# --- sources -------------------------------------------------------------------------
LIB_SRC  = $(filter-out reconciler/run/main.c, \
             $(sort $(wildcard manifest/*.c linkstore/*.c reconciler/*/*.c)))
LIB_OBJ  = $(LIB_SRC:%.c=$(OUT)/%.o)
LIB      = $(OUT)/libtrellis.a
HEADERS  = $(sort $(wildcard manifest/*.h linkstore/*.h reconciler/*/*.h test/*.h test/fuzz/*.h))
TEST_SRC = $(sort $(wildcard test/test_*.c))
TEST_LIB_SRC = $(sort $(wildcard test/support*.c))
TESTS    = $(TEST_SRC:%.c=$(OUT)/%)
# A fuzz target NAME is test/fuzz/fuzz_NAME.c, and its corpus fixtures/corpus/NAME.
FUZZ_SRC = $(sort $(wildcard test/fuzz/fuzz_*.c))
FUZZ     = $(FUZZ_SRC:test/fuzz/fuzz_%.c=%)
REPLAYS  = $(FUZZ:%=$(OUT)/test/fuzz/replay_%)
CHECK_SRC = $(LIB_SRC) $(TEST_SRC) $(TEST_LIB_SRC) $(wildcard test/fuzz/*.c) test/reader.c
SQL      = $(patsubst schemas/%.sql,$(OUT)/schemas/%.sql.h,$(sort $(wildcard schemas/*.sql)))
# What must not reach for the outside: no clock, no I/O, no allocation of its own.
PURE_OBJ = $(filter $(OUT)/reconciler/core/% $(OUT)/reconciler/sim/% \
             $(OUT)/linkstore/desired.o $(OUT)/linkstore/expand%.o \
             $(OUT)/linkstore/ledger.o $(OUT)/manifest/decode%.o \
             $(OUT)/manifest/validate%.o,$(LIB_OBJ))

all: $(OUT)/trellis

# --- building ------------------------------------------------------------------------
$(OUT)/trellis: $(OUT)/reconciler/run/main.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# SQL is embedded as bytes: a string literal over 4095 bytes is not portable C.
$(OUT)/schemas/%.sql.h: schemas/%.sql
	@mkdir -p $(@D)
	{ printf 'static const char %s_sql[] = {\n' $(subst -,_,$*); \
	  od -An -v -td1 $< | sed 's/  */,/g; s/^,//; s/$$/,/'; echo '0};'; } > $@.tmp
	mv $@.tmp $@
$(OUT)/linkstore/store.o: $(SQL)

$(OUT)/test/test_%: $(OUT)/test/test_%.o $(TEST_LIB_SRC:%.c=$(OUT)/%.o) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(OUT)/test/reader: $(OUT)/test/reader.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lnats -ljansson

$(OUT)/test/fuzz/replay_%: $(OUT)/test/fuzz/fuzz_%.o $(OUT)/test/fuzz/replay.o \
                           $(TEST_LIB_SRC:%.c=$(OUT)/%.o) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(OUT)/test/fuzz/fuzz_%: $(OUT)/test/fuzz/fuzz_%.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

# --- tests ---------------------------------------------------------------------------
check: $(TESTS) $(REPLAYS) tidy
	sh test/suite.sh $(OUT)/test/tap $(TESTS) $(REPLAYS)

# The purity check reads plain objects: sanitizers add symbols of their own.
tidy: $(if $(filter dev release,$(MODE)),$(LIB_OBJ))
	sh test/tidy/layers.sh
	$(if $(filter dev release,$(MODE)),sh test/tidy/pure.sh $(PURE_OBJ))

# --- the main job, and how fast it is -------------------------------------------------
run: $(OUT)/trellis $(OUT)/test/reader
	@KEEP=$(KEEP) sh test/run.sh $^

bench:
	@$(MAKE) MODE=release bench-built

bench-built: $(OUT)/trellis $(OUT)/test/reader
	@sh test/bench.sh $^ $(COMPONENTS)

# --- fuzzing -------------------------------------------------------------------------
# T names targets, SECONDS is for each.  What is found goes to the first folder; the
# fixtures are only read.
T ?= $(FUZZ)
FUZZ_SEEDS_manifest = fixtures/manifests/valid fixtures/manifests/invalid \
                      fixtures/manifests/wadm

fuzz:
	$(MAKE) CC=clang MODE=fuzz $(T:%=fuzz-%)

fuzz-%: $(OUT)/test/fuzz/fuzz_%
	@mkdir -p $(OUT)/corpus/$*
	$< -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix=$(OUT)/corpus/$*- $(OUT)/corpus/$* \
	    $(wildcard fixtures/corpus/$*) $(FUZZ_SEEDS_$*)

# --- lint ----------------------------------------------------------------------------
format:
	clang-format -i $(CHECK_SRC) $(HEADERS)

# One process a file: in one run over many, clang-tidy 14 misreports va_list use.
lint: $(SQL)
	clang-format --dry-run -Werror $(CHECK_SRC) $(HEADERS)
	printf '%s\n' $(CHECK_SRC) | \
	    xargs -P2 -I{} clang-tidy --quiet {} -- $(STD)
	cppcheck --std=c11 --enable=warning,style,performance,portability --inconclusive \
	    --error-exitcode=1 --inline-suppr --suppress=missingIncludeSystem -q -I. \
	    manifest linkstore reconciler

clean:
	rm -rf build

.PHONY: all run bench bench-built check tidy fuzz lint format clean
.SECONDARY:
-include $(patsubst %.c,$(OUT)/%.d,$(CHECK_SRC) reconciler/run/main.c)
