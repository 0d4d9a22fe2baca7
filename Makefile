# trellis - a reconciler for wasmCloud 1.x lattices
#
#   make            the binary, build/dev/trellis
#   make run        the main job, from nothing: see README.md
#   make bench      how fast: the engine alone, then over a real NATS server (COMPONENTS=)
#   make bench LOAD=1   what the daemon costs while nothing changes, with many hosts
#   make bench-latency    how long a request for a status waits, meanwhile and after
#   make bench-manifest   how fast manifests are read, and hostile ones refused
#   make check      the quick part of the tests, under a minute
#   make test       all of them; installs what is missing
#   make soak       let all kinds of things happen for 5 minutes (MINUTES=5 SEED=1)
#   make torture    die at every step of the daemon, and at every call of its disk
#   make sim        many seeds of the simulation (SEEDS=1-5000 STEPS=200)
#   make lint       clang-format, clang-tidy, cppcheck, -fanalyzer, mandoc, shellcheck
#   make fuzz       libFuzzer on all that reads foreign bytes (T=manifest SECONDS=60)
#   make cover      how many branches of reconciler/core the pure tests take
#   make mutants    whether the tests notice when the engine is wrong
#   make golden     writes anew what the tests expect, and shows what changed
#   make format     clang-format on all sources
#   make install    the program, manuals, a systemd unit (PREFIX=/usr/local DESTDIR=)
#   make uninstall  takes them away
#   make clean      removes build/
#   make help       shows this
#
# Build modes: dev (default), release, asan, tsan, cover, fuzz; e.g. make MODE=asan check
# V=1 shows the commands, JOBS=N says how many things at a time test and lint do.

MODE    ?= dev
ifeq ($(origin CC),default) # make's own is cc
CC       = gcc
endif
OUT      = build/$(MODE)
PREFIX  ?= /usr/local
MANDIR  ?= $(PREFIX)/share/man
SECONDS ?= 60
WERROR  ?= -Werror
JOBS    ?= $(shell nproc)

# A line a command, like "  CC  file.c"; nothing under make -s.
ifneq ($(V),1)
Q        = @
endif
is_quiet = $(or $(filter 1,$(V)),$(findstring s,$(firstword -$(MAKEFLAGS))))
say      = $(if $(is_quiet),,$(info $()  $(1)  $(2)))

# --- flags ---------------------------------------------------------------------------
VERSION  = 0.1.0
# Only in tests the process dies where it is told to: see linkstore/step.h.
HOOK     = $(if $(filter release,$(MODE)),,-DTRELLIS_STEPS)
STD      = -std=c17 -D_XOPEN_SOURCE=700 -DTRELLIS_VERSION=\"$(VERSION)\" $(HOOK) -I. \
           -I$(OUT)
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
           -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef \
           -Wformat=2 -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings \
           -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion \
           -Wredundant-decls -Wnested-externs -Wdate-time \
           -Wno-missing-field-initializers $(WERROR)
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
MODE_analyzer = -O1 -fanalyzer
MODE_fuzz    = $(MODE_asan) -fsanitize=fuzzer-no-link
ALL_CFLAGS   = $(STD) $(WARN) $(if $(findstring gcc,$(CC)),$(WARN_gcc)) \
               $(MODE_$(MODE)) -MMD -MP $(CFLAGS)
ALL_LDFLAGS  = $(MODE_$(MODE)) $(if $(filter release,$(MODE)),$(LDHARDEN)) $(LDFLAGS)
LDLIBS       = -lyaml -lsqlite3 -ljansson -lnats -lmd -lpthread

# --- sources -------------------------------------------------------------------------
LIB_SRC  = $(filter-out reconciler/run/main.c, \
             $(sort $(wildcard manifest/*.c linkstore/*.c reconciler/*/*.c)))
LIB_OBJ  = $(LIB_SRC:%.c=$(OUT)/%.o)
LIB      = $(OUT)/libtrellis.a
HEADERS  = $(sort $(wildcard manifest/*.h linkstore/*.h reconciler/*/*.h test/*.h \
             test/fuzz/*.h test/bench/*.h))
TEST_SRC = $(sort $(wildcard test/test_*.c))
TEST_LIB_SRC = $(sort $(wildcard test/support*.c))
# What every test program has, and what it takes from where it needs it.
TEST_OBJ = $(OUT)/test/support_hang.o
TEST_LIB = $(OUT)/libtest.a
TESTS    = $(TEST_SRC:%.c=$(OUT)/%)
# A fuzz target NAME is test/fuzz/fuzz_NAME.c, and its corpus fixtures/corpus/NAME.
FUZZ_SRC = $(sort $(wildcard test/fuzz/fuzz_*.c))
FUZZ     = $(FUZZ_SRC:test/fuzz/fuzz_%.c=%)
REPLAYS  = $(FUZZ:%=$(OUT)/test/fuzz/replay_%)
ALL_SRC  = $(LIB_SRC) reconciler/run/main.c $(TEST_SRC) $(TEST_LIB_SRC) \
           $(sort $(wildcard test/fuzz/*.c test/bench/*.c)) test/reader.c
SQL      = $(patsubst schemas/%.sql,$(OUT)/schemas/%.sql.h, \
             $(sort $(wildcard schemas/*.sql)))

all: $(OUT)/trellis

# --- building ------------------------------------------------------------------------
$(OUT)/trellis: $(OUT)/reconciler/run/main.o $(LIB)
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(LIB_OBJ)
$(TEST_LIB): $(TEST_LIB_SRC:%.c=$(OUT)/%.o)
$(LIB) $(TEST_LIB):
	@rm -f $@
	$(Q)$(call say,AR,$@)$(AR) rcs $@ $^

$(OUT)/%.o: %.c | build/headers
	@mkdir -p $(@D)
	$(Q)$(call say,CC,$@)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Asks once whether the libraries are there, and says which packages bring them.
build/headers:
	@mkdir -p $(@D)
	@printf '#include <%s.h>\n' yaml sqlite3 jansson nats/nats curl/curl microhttpd \
	    sha256 | $(CC) $(CFLAGS) -E -x c - >/dev/null 2>&1 || \
	    sh test/deps.sh --check build
	@touch $@

# SQL is embedded as bytes: a string literal over 4095 bytes is not portable C.
$(OUT)/schemas/%.sql.h: schemas/%.sql
	@mkdir -p $(@D)
	$(Q)$(call say,GEN,$@){ printf 'static const char %s_sql[] = {\n' $(subst -,_,$*); \
	  od -An -v -td1 $< | sed 's/  */,/g; s/^,//; s/$$/,/'; echo '0};'; } > $@.tmp
	@mv $@.tmp $@
$(OUT)/linkstore/store_schema.o: $(SQL)

$(OUT)/test/test_%: $(OUT)/test/test_%.o $(TEST_OBJ) $(TEST_LIB) $(LIB)
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -rdynamic -o $@ $^ $(LDLIBS) -lcmocka

$(OUT)/test/reader: $(OUT)/test/reader.o
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lnats -ljansson

$(OUT)/test/bench/bare: $(OUT)/test/bench/bare.o
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lnats -ljansson

$(OUT)/test/bench/latency: $(OUT)/test/bench/latency.o
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lnats

$(OUT)/test/bench/bench_%: $(OUT)/test/bench/bench_%.o $(OUT)/test/bench/generate.o $(LIB)
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lm

# These run the program itself.
$(filter $(OUT)/test/test_e2e_%,$(TESTS)): | $(OUT)/trellis

$(OUT)/test/fuzz/replay_%: $(OUT)/test/fuzz/fuzz_%.o $(OUT)/test/fuzz/replay.o \
                           $(TEST_OBJ) $(TEST_LIB) $(LIB)
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(OUT)/test/fuzz/fuzz_%: $(OUT)/test/fuzz/fuzz_%.o $(LIB)
	$(Q)$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

# --- tests ---------------------------------------------------------------------------
# Those that compute for a minute or wait for seconds, longest first; the others take a
# second or two.
SLOW_TESTS = test_simulation test_store_migrate test_store_faults test_hostile \
             test_e2e_soak \
             $(filter-out test_e2e_soak,$(filter test_e2e_%,$(TEST_NAMES))) \
             test_bus_outage test_follower_outage test_follower_doubt test_lease \
             test_bus_open test_follower
# Where threads meet: the mailbox, the library's callbacks, and a whole daemon.
TSAN_TESTS = test_mailbox test_bus $(firstword $(filter test_e2e_%,$(TEST_NAMES)))
TEST_NAMES = $(TEST_SRC:test/%.c=%)
QUICK_TESTS = $(filter-out $(SLOW_TESTS),$(TEST_NAMES))
# The programs of mode $(1), long and short.
long     = $(SLOW_TESTS:%=build/$(1)/test/%)
short    = $(QUICK_TESTS:%=build/$(1)/test/%) $(FUZZ:%=build/$(1)/test/fuzz/replay_%)
# The purity check reads plain objects: sanitizers add symbols of their own.
TIDY     = $(if $(filter dev release,$(MODE)),test/test_tidy.sh)
SCRIPT_TESTS = test/test_suite.sh test/test_deps.sh test/test_application_schema.sh \
               test/test_rules.sh
# These fetch something once, and are left out where they cannot.
FETCHING_TESTS = test/test_nats_py.sh

programs: all $(call long,$(MODE)) $(call short,$(MODE))
	@:
programs-tsan: all $(TSAN_TESTS:%=$(OUT)/test/%)
	@:

check: all $(QUICK_TESTS:%=$(OUT)/test/%) $(REPLAYS)
	@OUT=$(OUT) sh test/suite.sh $(OUT)/tap $(TIDY) $(SCRIPT_TESTS) $(filter-out all,$^)

test:
	@sh test/deps.sh test
	@$(MAKE) -j$(JOBS) --no-print-directory MODE=dev programs
	@$(MAKE) -j$(JOBS) --no-print-directory MODE=asan programs
	@$(MAKE) -j$(JOBS) --no-print-directory MODE=tsan programs-tsan
	@$(MAKE) -j$(JOBS) --no-print-directory MODE=release all # it has warnings of its own
	@! grep -q TRELLIS_DIE_AT build/release/trellis # only tests have it die
	@OUT=build/dev sh test/suite.sh build/tap $(TSAN_TESTS:%=build/tsan/test/%) \
	    $(call long,asan) $(call long,dev) test/test_tidy.sh $(FETCHING_TESTS) \
	    $(call short,asan) $(call short,dev) $(SCRIPT_TESTS)

# Seeds that fail are listed, each with the command that shrinks it to a scenario.
SEEDS   ?= 1-5000
STEPS   ?= 200

sim:
	@$(MAKE) -j$(JOBS) --no-print-directory MODE=release \
	    build/release/test/test_simulation
	@nice -n 15 build/release/test/test_simulation $(SEEDS) $(STEPS) $(JOBS)

# Dies at every step that there is, in virtual time, then for real, where lives wait more
# than they work: so many go on side by side.
LIVES = 14
torture: $(OUT)/trellis $(OUT)/test/test_driver_torture $(OUT)/test/test_e2e_torture \
         $(OUT)/test/test_store_faults $(OUT)/test/test_store_migrate
	@$(OUT)/test/test_store_faults
	@$(OUT)/test/test_store_migrate
	@TORTURE=1 $(OUT)/test/test_driver_torture
	@seq $(LIVES) | TORTURE=$(LIVES) xargs -P $(LIVES) -I{} \
	    env TORTURE_FIRST={} $(OUT)/test/test_e2e_torture

# make test does it for half a minute.  SECONDS=N or MINUTES=N; another SEED each time.
SOAK_SECONDS = $(if $(MINUTES),$(shell expr $(MINUTES) '*' 60),$(if \
                 $(filter file,$(origin SECONDS)),300,$(SECONDS)))
SEED ?= $(shell date +%s)
soak: $(OUT)/trellis $(OUT)/test/test_e2e_soak
	@SOAK_SECONDS=$(SOAK_SECONDS) SOAK_SEED=$(SEED) $(OUT)/test/test_e2e_soak

tidy: all
	@OUT=$(OUT) sh test/test_tidy.sh

# Of the decision, by the tests that drive nothing else.
COVER_TESTS = test_place test_place_parts test_provider_image test_command test_sent \
              test_engine test_plan test_scenario test_driver test_cost test_cut_plan \
              test_known test_simulation
cover:
	@$(MAKE) -j$(JOBS) --no-print-directory MODE=cover cover-built

cover-built: $(COVER_TESTS:%=$(OUT)/test/%)
	@find $(OUT) -name '*.gcda' -delete
	@OUT=$(OUT) sh test/suite.sh $(OUT)/tap $^ >$(OUT)/cover.log || \
	    { tail $(OUT)/cover.log; exit 1; }
	@sh test/cover.sh $(OUT) $(COVER_MIN)
COVER_MIN ?= 95

mutants:
	@MAKE="$(MAKE) -j$(JOBS)" CC="$(CC)" sh test/mutants.sh

# Some tests take the wish as an argument, others from the environment.
GOLDEN_TESTS = test_manifest test_pairs test_engine test_scenario test_event_decode \
               test_reply test_wadm_reply test_e2e_pairs test_expand test_expand_corpus \
               test_across test_render
golden: $(GOLDEN_TESTS:%=$(OUT)/test/%)
	@for t in $^; do GOLDEN=rewrite $$t --rewrite >/dev/null || exit 1; done
	@git diff --stat -- fixtures

# --- the main job, and how fast it is -------------------------------------------------
run:
	@sh test/deps.sh test
	@$(MAKE) -j$(JOBS) --no-print-directory run-built

run-built: $(OUT)/trellis $(OUT)/test/reader
	@KEEP=$(KEEP) sh test/run.sh $^

bench:
	@$(MAKE) MODE=release $(if $(LOAD),load-built,bench-built)

load-built: $(OUT)/trellis $(OUT)/test/reader
	@sh test/load.sh $^ 100 100
	@sh test/load.sh $^ 1000 300
	@sh test/load.sh $^ 1000 10000

bench-built: $(OUT)/trellis $(OUT)/test/reader $(OUT)/test/bench/bare \
             $(OUT)/test/bench/bench_engine
	@$(OUT)/test/bench/bench_engine
	@for n in $(or $(COMPONENTS),100 1000 10000); do \
	    sh test/bench.sh $(OUT)/trellis $(OUT)/test/reader $(OUT)/test/bench/bare $$n \
	        || exit 1; \
	done

bench-latency:
	@$(MAKE) MODE=release bench-latency-built

bench-latency-built: $(OUT)/trellis $(OUT)/test/bench/latency
	@sh test/latency.sh $^

bench-manifest:
	@$(MAKE) MODE=release bench-manifest-built

bench-manifest-built: $(OUT)/test/bench/bench_manifest $(OUT)/test/test_hostile
	@$<
	@BENCH=1 CMOCKA_MESSAGE_OUTPUT=TAP $(OUT)/test/test_hostile

# --- fuzzing -------------------------------------------------------------------------
# T names targets, which share the SECONDS.  What is found goes to the first folder; the
# fixtures are only read.
T ?= $(FUZZ)
FUZZ_SEEDS_manifest = $(wildcard fixtures/manifests/*)
FUZZ_SEEDS_tree     = $(FUZZ_SEEDS_manifest) fixtures/corpus/manifest
FUZZ_SEEDS_json     = fixtures/corpus/api fixtures/corpus/wadm fixtures/corpus/event
FUZZ_SECONDS = $(shell expr $(SECONDS) / $(words $(T)) '|' 1)

fuzz:
	@sh test/deps.sh --check lint
	@$(MAKE) -j$(JOBS) --no-print-directory CC=clang MODE=fuzz \
	    $(T:%=build/fuzz/test/fuzz/fuzz_%)
	@$(MAKE) --no-print-directory CC=clang MODE=fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) \
	    $(T:%=fuzz-%)

fuzz-%: $(OUT)/test/fuzz/fuzz_%
	@mkdir -p $(OUT)/corpus/$*
	$(Q)$(call say,FUZZ,$* for $(FUZZ_SECONDS) s)$< -max_total_time=$(FUZZ_SECONDS) \
	    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix=$(OUT)/corpus/$*- $(OUT)/corpus/$* \
	    $(wildcard fixtures/corpus/$*) $(FUZZ_SEEDS_$*) >$(OUT)/$*.log 2>&1 || \
	    { tail -n 60 $(OUT)/$*.log; exit 1; }

# --- lint ----------------------------------------------------------------------------
format:
	clang-format -i $(ALL_SRC) $(HEADERS)

SCRIPTS  = .ci/run $(sort $(wildcard test/*.sh test/*/*.sh))
LINT     = build/lint
TIDY_OK  = $(ALL_SRC:%.c=$(LINT)/%.tidy)
# It must know the lists of sys/queue.h.  Variables may stand before their loop, and NULL
# is a pointer here, also behind "...".
CPPCHECK = cppcheck --std=c11 --enable=warning,style,performance,portability \
           --inconclusive --error-exitcode=1 --inline-suppr -q -I. -I$(OUT) \
           --include=/usr/include/$(shell $(CC) -print-multiarch)/sys/queue.h \
           --suppress=missingIncludeSystem --suppress=variableScope \
           --suppress=varFuncNullUB

lint:
	@sh test/deps.sh --check lint
	@$(MAKE) -k -j$(JOBS) --no-print-directory lint-all
	@echo "lint: clean"

lint-all: lint-format lint-scripts lint-man lint-schema lint-cppcheck $(TIDY_OK) \
          lint-analyzer

lint-format:
	$(Q)$(call say,LINT,clang-format)clang-format --dry-run -Werror $(ALL_SRC) $(HEADERS)

lint-scripts:
	$(Q)$(call say,LINT,shellcheck)shellcheck $(SCRIPTS)

lint-man:
	$(Q)$(call say,LINT,mandoc)mandoc -T lint -W warning man/*.[1-9]

# By a validator that is not ours; make test does without it where it is missing.
lint-schema: $(OUT)/trellis
	$(Q)$(call say,LINT,schema)OUT=$(OUT) sh test/suite.sh build/tap-schema \
	    test/test_application_schema.sh >build/lint-schema.log || \
	    { cat build/lint-schema.log; exit 1; }

lint-cppcheck: $(SQL)
	$(Q)$(call say,LINT,cppcheck)$(CPPCHECK) manifest linkstore reconciler test

lint-analyzer:
	@$(MAKE) --no-print-directory CC=gcc MODE=analyzer objects

# gcc 12 takes for lost what is kept in an element of an array or a list.
build/analyzer/reconciler/run/parts.o build/analyzer/reconciler/run/folder.o \
build/analyzer/reconciler/run/status_feed.o: \
    WARN += -Wno-analyzer-malloc-leak

objects: $(ALL_SRC:%.c=$(OUT)/%.o)
	@:

# One process a file: in one run over many, clang-tidy 14 misreports va_list use.
$(LINT)/%.tidy: %.c .clang-tidy $(HEADERS) | $(SQL)
	@mkdir -p $(@D)
	$(Q)$(call say,TIDY,$<)clang-tidy --quiet $< -- $(STD) 2>$@.log || \
	    { cat $@.log >&2; exit 1; }
	@mv $@.log $@

# --- installing ----------------------------------------------------------------------
MANUALS  = $(sort $(wildcard man/*.[1-9]))
SCHEMA   = $(DESTDIR)$(PREFIX)/share/trellis/application.schema.json
UNIT     = $(DESTDIR)$(PREFIX)/lib/systemd/system/trellis.service
SYSUSERS = $(DESTDIR)$(PREFIX)/lib/sysusers.d/trellis.conf
manual   = $(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))

install:
	@$(MAKE) -j$(JOBS) --no-print-directory MODE=release all
	install -D -m 755 build/release/trellis $(DESTDIR)$(PREFIX)/bin/trellis
	install -D -m 644 schemas/application.schema.json $(SCHEMA)
	install -D -m 644 reconciler/run/dist/trellis.service $(UNIT)
	sed -i 's|/usr/local/bin/|$(PREFIX)/bin/|' $(UNIT)
	install -D -m 644 reconciler/run/dist/trellis.sysusers $(SYSUSERS)
	$(foreach m,$(MANUALS),install -D -m 644 $(m) $(call manual,$(m)) &&) true

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/trellis $(SCHEMA) $(UNIT) $(SYSUSERS)
	rm -f $(foreach m,$(MANUALS),$(call manual,$(m)))

# --- the rest ------------------------------------------------------------------------
deps:
	@sh test/deps.sh test

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

clean:
	rm -rf build

.PHONY: all run run-built bench bench-built load-built bench-latency \
        bench-latency-built bench-manifest bench-manifest-built \
        programs programs-tsan check test sim torture soak tidy cover cover-built \
        mutants golden fuzz format lint lint-all lint-format lint-scripts lint-man \
        lint-schema lint-cppcheck lint-analyzer objects install uninstall deps help clean
.SECONDARY:
-include $(patsubst %.c,$(OUT)/%.d,$(ALL_SRC))
