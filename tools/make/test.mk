# SPDX-License-Identifier: Apache-2.0
#
# Every test target. Each writes the cases it counted to build/test/NAME.tap; `make test` runs all of them, goes on past
# failures, and sums up (test/run_all.py).

TEST := $(BUILD)/test
# A runner of tests calls make again: with all cores, and with what the user set.
JOBS ?= $(shell nproc)
SUBMAKE := MAKEFLAGS= $(MAKE) --no-print-directory $(SILENT) -j$(JOBS) $(MAKEOVERRIDES)

.PHONY: test test-soak test-spread test-timing test-property test-host test-compile-fail test-clang test-headers test-elf test-qemu \
  test-drivers test-sdk test-docs test-model lint format test-fast-path test-fast-path-short test-both-ways test-sweep test-restarts

test: | $(SETUP)
	$(Q)test/run_all.py --make '$(SUBMAKE)' --results $(TEST)

# Unit tests on this machine.
test-host: | $(SETUP)
	$(Q)test/run_host.py --results $(TEST)/host.tap --make '$(SUBMAKE)' $(HOST_TEST_PROGRAMS)

# What must not compile.
CODE_LAYERS := abi base ipc port kernel regs hal boot
flags_of_layers = $(foreach layer,$(CODE_LAYERS), \
  --flags $(layer) "$1 -I$(BUILD)/include/$(layer) $(filter-out $2,$(FLAGS_$(layer))) \
  $(if $(filter boot,$(layer)),-isystem $(LIBFDT_HEADERS))")
test-compile-fail: $(INCLUDE_ROOTS) | $(SETUP)
	$(Q)test/run_compile_fail.py --results $(TEST)/compile-fail.tap --compiler '$(CXX)' $(call flags_of_layers,$(TARGET_FLAGS))

# Every header compiles alone, and twice.
test-headers: $(INCLUDE_ROOTS) | $(SETUP)
	$(Q)test/run_each_file.py --step headers --results $(TEST)/headers.tap --compiler '$(CXX)' \
	  $(call flags_of_layers,$(TARGET_FLAGS)) --twice $(foreach file,$(call files_under,boot hal kernel ipc,*.hpp) \
	  $(call files_under,boot hal kernel,*.h),$(call layer,$(file)):$(file))

# The second compiler accepts every file of the kernel with the same warnings, but for the flags that only GCC
# knows, and the warning about 0 as a null pointer: clang 14 sees one in every defaulted comparison.
CLANG := $(firstword $(shell command -v clang++ clang++-19 clang++-14 2>/dev/null))
CLANG_FLAGS := --target=aarch64-linux-gnu $(LANGUAGE_FLAGS) $(filter-out -mstrict-align,$(CODE_FLAGS)) -mno-unaligned-access \
  $(filter-out -Wzero-as-null-pointer-constant,$(WARNINGS))
test-clang: $(INCLUDE_ROOTS) | $(SETUP)
	$(Q)test/run_each_file.py --step clang --results $(TEST)/clang.tap --compiler '$(CLANG)' --missing 'no clang++ here' \
	  $(call flags_of_layers,$(CLANG_FLAGS),-fno-tree-%) $(foreach file,$(filter %.cpp,$(KERNEL_SOURCES)),$(call layer,$(file)):$(file))

# Models of the state machines, each also broken in the ways that its head names (docs/models.md).
test-model: | $(SETUP)
	$(Q)test/run_models.py --results $(TEST)/model.tap --build '$(BUILD)/model' $(if $(RUNS),--only '$(RUNS)')

# The linked kernel.
test-elf: $(KERNEL_IMAGE)
	$(Q)tools/check_elf.py --results $(TEST)/elf.tap --tool-prefix '$(CROSS_COMPILE)' --map $(KERNEL)/granary.map \
	  --image $(KERNEL_IMAGE) $(KERNEL)/granary.elf

# The SDK's tarball, unpacked elsewhere and used.
test-sdk: sdk | $(SETUP)
	$(Q)test/run_sdk_tests.py --results $(TEST)/sdk.tap --tarball $(SDK_TARBALL) --packages $(PACKAGES)

# The commands and listings of the documentation for users.
test-docs: sdk | $(SETUP)
	$(Q)test/run_docs_tests.py --results $(TEST)/docs.tap --tarball $(SDK_TARBALL) --packages $(PACKAGES)

# Systems and test kernels in QEMU: test/qemu/rows.py says which.
test-qemu: | $(SETUP)
	$(Q)GRANARY_FULL=$(FULL) test/run_qemu_rows.py --results $(TEST)/qemu.tap --make '$(SUBMAKE)' --build '$(BUILD)' \
	  $(if $(ROWS),--only '$(ROWS)')

# The same systems with their silos spread over 2, 4 and 8 cores at random, from SEEDS seeds.
SEEDS ?= 4
test-spread: | $(SETUP)
	$(Q)GRANARY_SEEDS=$(SEEDS) test/run_qemu_rows.py --results $(TEST)/spread.tap --make '$(SUBMAKE)' --build '$(BUILD)' --only 'spread'

# The drivers of silos/drivers with a disk of 64 MiB and with 10,000 echoes; test-qemu has shorter forms.
test-drivers: | $(SETUP)
	$(Q)test/run_qemu_rows.py --long --results $(TEST)/drivers.tap --make '$(SUBMAKE)' --build '$(BUILD)' $(if $(ROWS),--only '$(ROWS)')

# The fast path, broken one instruction at a time: each break must be seen by the systems named here. The short form is
# part of `make test`; MUTANTS=word: only these. test-both-ways: random calls with and without the fast path, BOTH_STEPS
# of them on each board, in virtual time.
FAST_PATH_SYSTEMS := $(BUILD)/systems/conformance_fast_path/system.img $(BUILD)/systems/conformance_both_ways/system.img
FAST_PATH_OBJECTS := $(KERNEL_OBJECTS) $(LIBFDT_TARGET)
test-fast-path test-fast-path-short: $(KERNEL_IMAGE) $(FAST_PATH_SYSTEMS) | $(SETUP)
	$(Q)test/run_fast_path_mutations.py --results $(TEST)/$(@:test-%=%).tap --build '$(BUILD)/fast_path' \
	  --assemble '$(CXX) -x assembler-with-cpp $(CODE_FLAGS) $(WARNINGS) -I$(BUILD)/include/hal' \
	  --link '$(CXX) $(LINK_FLAGS) -Wl,-T,boot/kernel.ld' --objects '$(FAST_PATH_OBJECTS)' --tool-prefix '$(CROSS_COMPILE)' \
	  --systems '$(FAST_PATH_SYSTEMS)' $(if $(filter %-short,$@),--short) $(if $(MUTANTS),--only '$(MUTANTS)')

BOTH_STEPS ?= 1000000
BOTH_WAYS := $(BUILD)/both_ways
test-both-ways: | $(SETUP)
	@mkdir -p $(BOTH_WAYS)
	@sed -e 's|^argument = 100_000$$|argument = $(BOTH_STEPS)|; s|^argument = 200$$|argument = 1_000_000|' \
	  -e 's|"\.\./conformance/|"$(CURDIR)/silos/conformance/|g' silos/systems/conformance_both_ways.toml > $(BOTH_WAYS)/both_ways.toml
	+$(Q)for board in virt raspi4b; do \
	  $(MAKE) $(SILENT) run SYSTEM=$(BOTH_WAYS)/both_ways.toml BOARD=$$board BOOT=direct ONCE=1 \
	    RUN_TIME_LIMIT=3600 QEMU_EXTRA='-icount shift=5,sleep=off'; done

# The soak (silos/systems/soak.toml) with ten million operations, on both boards, in virtual time. What it says goes to
# the console, a line for each tenth; SOAK_SECONDS is the limit for one board.
SOAK_OPERATIONS ?= 10000000
SOAK_SECONDS ?= 3600
SOAK := $(BUILD)/soak
test-soak: | $(SETUP)
	@mkdir -p $(SOAK)
	@sed 's|^argument = 100_000$$|argument = $(SOAK_OPERATIONS)|; s|"\.\./soak/|"$(CURDIR)/silos/soak/|g' \
	  silos/systems/soak.toml > $(SOAK)/soak.toml
	+$(Q)for board in virt raspi4b; do \
	  $(MAKE) $(SILENT) run SYSTEM=$(SOAK)/soak.toml BOARD=$$board BOOT=direct ONCE=1 \
	    RUN_TIME_LIMIT=$(SOAK_SECONDS) QEMU_EXTRA='-icount shift=5,sleep=off'; done

# The kill sweep (silos/systems/sweep.toml): each operation, each choice of who dies, for good or to come back, at each
# tick, on one core and on two. SWEEP_STEP=7: each seventh. SWEEP_OPERATION=n: only that one (silos/sweep/board.hpp), so
# that several machines can share the work. A line for each operation says how many rounds it took.
SWEEP_STEP ?= 1
SWEEP_STEP_DIGITS = $(shell printf %06d $(SWEEP_STEP))
SWEEP_OPERATION ?= 0
SWEEP_CORES ?= 1 2
SWEEP_SECONDS ?= 14400
SWEEP := $(BUILD)/sweep
test-sweep: | $(SETUP)
	@mkdir -p $(SWEEP)
	@sed -e 's|^argument = 509$$|argument = $(patsubst 0%,%,$(SWEEP_OPERATION))$(SWEEP_STEP_DIGITS)|' -e 's|^argument = 0*|argument = |' \
	  -e 's|"\.\./sweep/|"$(CURDIR)/silos/sweep/|g' silos/systems/sweep.toml > $(SWEEP)/sweep.toml
	+$(Q)for cores in $(SWEEP_CORES); do \
	  $(MAKE) $(SILENT) run SYSTEM=$(SWEEP)/sweep.toml SMP=$$cores ONCE=1 RUN_TIME_LIMIT=$(SWEEP_SECONDS) \
	    QEMU_EXTRA='-icount shift=4,sleep=off' || exit; done

# One silo that crashes and restarts RESTARTS times under load (silos/systems/restart_storm.toml), on both boards.
RESTARTS ?= 1000000
RESTART_BOARDS ?= virt raspi4b
RESTART_SECONDS ?= 14400
STORM := $(BUILD)/restart_storm
test-restarts: | $(SETUP)
	@mkdir -p $(STORM)
	@sed 's|^argument = 1500$$|argument = $(RESTARTS)|; s|"\.\./sweep/|"$(CURDIR)/silos/sweep/|g' \
	  silos/systems/restart_storm.toml > $(STORM)/restart_storm.toml
	+$(Q)for board in $(RESTART_BOARDS); do \
	  $(MAKE) $(SILENT) run SYSTEM=$(STORM)/restart_storm.toml BOARD=$$board BOOT=direct ONCE=1 \
	    RUN_TIME_LIMIT=$(RESTART_SECONDS) QEMU_EXTRA='-icount shift=5,sleep=off' || exit; done

# How late a sensor is beside silos that are against it (silos/systems/timing.toml), for 100,000 periods.
TIMING_PERIODS ?= 100000
TIMING := $(BUILD)/timing
test-timing: | $(SETUP)
	@mkdir -p $(TIMING)
	@sed -e 's|^argument = 2000$$|argument = $(TIMING_PERIODS)|; s|"\.\./timing/|"$(CURDIR)/silos/timing/|g' \
	  -e 's|"\.\./conformance/|"$(CURDIR)/silos/conformance/|g' \
	  silos/systems/timing.toml > $(TIMING)/timing.toml
	+$(Q)$(MAKE) $(SILENT) run SYSTEM=$(TIMING)/timing.toml BOARD=virt BOOT=direct ONCE=1 \
	  RUN_TIME_LIMIT=3600 QEMU_EXTRA='-icount shift=5,sleep=off'

# The life of capabilities against a reference, and calls with and without the fast path and with and without the quick
# calls against each other: ten million steps of each (300,000 of them are part of test-host).
PROPERTY_STEPS ?= 10000000
test-property: $(HOST)/kernel_tests
	$(Q)GRANARY_PROPERTY_STEPS=$(PROPERTY_STEPS) $(HOST)/kernel_tests \
	  --gtest_filter='CapabilityProperty.*:DirectCallProperty.*:QuickCallProperty.*'

# Test kernels: parts of the kernel without its policy, on the machine.
include test/target/target.mk

# The generated header and documentation are what the tables of ipc/abi give, the list of features is what the tests'
# names give, the figures of docs/benchmarks.md are those of the baseline, and the sources keep the rules.
lint:
	$(Q)tools/gen_abi.py --check
	$(Q)tools/gen_features.py --check
	$(Q)tools/bench/page.py test/bench/baseline.json --check
	$(Q)tools/lint_source.py --results $(TEST)/lint.tap

# The formatter's opinion differs between versions; 14 (Debian 12) is the one that counts.
format:
	@tools/format write
