# SPDX-License-Identifier: Apache-2.0
#
# `make bench`: instructions for each operation, counted by a plugin of our own for QEMU (docs/benchmarks.md). Writes
# build/bench.json and compares it with test/bench/baseline.json; `make bench-baseline` makes what was measured last the
# baseline, and `make bench-page` the numbers and pictures of docs/.

BENCH := $(BUILD)/bench
BENCH_BOARDS ?= virt-gicv2 virt-gicv3 raspi4b
BENCH_BASELINE := test/bench/baseline.json
BENCH_PLUGIN := $(BENCH)/counter.so
BENCH_SUITE := $(filter conformance%,$(SYSTEM_NAMES))
# SILOS:ROW of silos/bench/rows.def. 250 is the kernel's limit (kSilosMaximum).
BENCH_SCALES := 2:30 16:31 64:32 250:33
BENCH_CAPABILITIES := 4096
bench_silos = $(firstword $(subst :, ,$1))
BENCH_SYSTEMS := bench bench_cores bench_streams bench_small hello $(foreach scale,$(BENCH_SCALES),bench_$(call bench_silos,$(scale)))

CC_HOST ?= gcc
PLUGIN_FLAGS := -shared -fPIC -O2 -std=gnu11 -fvisibility=hidden -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
PLUGIN_SOURCES := $(addprefix tools/bench/,counter.c address_range.h stays.h instruction_class.h qemu_plugin_api.h)
$(BENCH_PLUGIN): $(PLUGIN_SOURCES) tools/make/bench.mk | $(SETUP)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC_HOST) $(PLUGIN_FLAGS) $< -o $@

# What one of each kind of object takes, as the target's compiler lays it out.
$(BENCH)/object_sizes.o: tools/bench/object_sizes.cpp $(KERNEL)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(TARGET_FLAGS) -I$(BUILD)/include/test -MMD -MP -c $< -o $@
-include $(BENCH)/object_sizes.d

# Systems with many silos: one program for all that only wait.
$(BENCH)/bystander.elf: silos/bench/bystander.cpp sdk-library FORCE
	+$(Q)$(MAKE) $(SILENT) -f silos/sdk/sdk.mk BUILD='$(BUILD)' CROSS_COMPILE='$(CROSS_COMPILE)' OUTPUT=$@ PROGRAM=$< program
define scaled_system_rule
$(BENCH)/systems/bench_$(1).toml: tools/bench/scaled_system.py $(BENCH)/bystander.elf
	@tools/bench/scaled_system.py $(2) $(3) $(4) $(BENCH)/bystander.elf $$@
endef
$(foreach scale,$(BENCH_SCALES),$(eval $(call scaled_system_rule,$(call bench_silos,$(scale)),$(call \
  bench_silos,$(scale)),$(BENCH_CAPABILITIES),$(lastword $(subst :, ,$(scale))))))
# 16 silos as a manifest makes them if it says nothing: what the kernel's memory is measured by.
$(eval $(call scaled_system_rule,small,16,64,31))
$(BUILD)/systems/%/system.img: $(BENCH)/systems/%.toml $(TOOL) sdk-library FORCE
	$(call say,SYSTEM,$<)
	$(call build_system,$<,$(@D))

bench_inputs = $(foreach system,$(BENCH_SYSTEMS) $(BENCH_SUITE),$(BUILD)/systems/$(system)/system.img) \
  $(if $(filter raspi4b,$(BENCH_BOARDS)),$(BUILD)/systems/bench/sdcard-once.img $(BUILD)/systems/bench_cores/sdcard-once.img)
BENCH_OPTIONS = --kernel $(KERNEL) --plugin $(BENCH_PLUGIN) --folder $(BENCH) --systems $(BUILD)/systems \
  --tool-prefix '$(CROSS_COMPILE)' --objects $(BENCH)/object_sizes.o --boards '$(BENCH_BOARDS)' --scales '$(BENCH_SCALES)' \
  --suite '$(BENCH_SUITE)' --output $(BUILD)/bench.json

.PHONY: bench bench-baseline bench-page bench-profile test-bench
bench: $(KERNEL_IMAGE) $(BENCH_PLUGIN) $(BENCH)/object_sizes.o $(bench_inputs)
	$(Q)status=0; tools/bench/measure.py $(BENCH_OPTIONS) || status=1; \
	  tools/bench/report.py $(BUILD)/bench.json $(BENCH_BASELINE) && exit $$status

# In this order if several are asked for at once.
bench-baseline: $(filter bench,$(MAKECMDGOALS))
	$(Q)tools/bench/report.py $(BUILD)/bench.json --write-baseline $(BENCH_BASELINE)

# The tables and pictures of docs/benchmarks.md, out of the committed baseline.
bench-page: $(filter bench-baseline,$(MAKECMDGOALS))
	$(Q)tools/bench/page.py $(BENCH_BASELINE)

# Which functions of the kernel the operation of a row runs through: ROW=NullCall, a name of silos/bench/rows.def.
bench-profile: $(KERNEL_IMAGE) $(BENCH_PLUGIN) $(BUILD)/systems/bench/system.img $(BUILD)/systems/bench_cores/system.img
	$(Q)tools/bench/profile.py --kernel $(KERNEL) --plugin $(BENCH_PLUGIN) --folder $(BENCH) --systems $(BUILD)/systems \
	  --row '$(or $(ROW),CallFourWords)'

# Part of `make test`: does the plugin count right, and do the measuring silos find right what they measure?
$(BENCH)/known_loop.elf: test/bench/known_loop.S | $(SETUP)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-Ttext=0x40080000 -Wl,-e,_start $< -o $@
test-bench: $(KERNEL_IMAGE) $(BENCH_PLUGIN) $(BENCH)/known_loop.elf $(BUILD)/systems/bench/system.img \
  $(BUILD)/systems/bench_cores/system.img
	$(Q)test/bench/run_bench_tests.py --results $(TEST)/bench.tap --kernel $(KERNEL) --plugin $(BENCH_PLUGIN) \
	  --folder $(BENCH) --systems $(BUILD)/systems --known-loop $(BENCH)/known_loop.elf
