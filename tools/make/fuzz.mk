# SPDX-License-Identifier: Apache-2.0
#
# Fuzzers of what reads input that others have made: manifests, programs, system images, device trees (test/fuzz,
# docs/testing.md). libFuzzer comes with clang, so they are compiled by that, everything under AddressSanitizer and
# UndefinedBehaviorSanitizer. Without clang and its libraries there are none.

FUZZ := $(BUILD)/fuzz
FUZZERS := manifest program system_image device_tree
FUZZ_CXX := $(CLANG)
FUZZ_FLAGS := -std=c++20 -g1 -O1 -w -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS -Itest/checked -DGRANARY_VERSION='"$(VERSION)"'
# make fuzz: so many inputs each, or so many seconds each if that is over sooner; make test-fuzz: seconds in
# all, and without FULL=1 only the two readers of the kernel, because to compile the tool for it takes two minutes.
INPUTS ?= 10000000
SECONDS_EACH := $(or $(SECONDS),0)

# One layer's include root for its own files, as everywhere; the fuzzers and the fakes see all of them.
fuzz_includes = $(if $(filter test/%,$1),-I$(BUILD)/include/test,-I$(BUILD)/include/$(call layer,$1))
fuzz_more = $(if $(filter kernel/% ipc/%,$1),-include test/fuzz/kernel_state.hpp) \
  $(if $(filter test/fakes/fake_memory.cpp,$1),-Dcrc32=crc32_of_the_machine)

FUZZ_KERNEL := $(HOST_POLICY) $(HOST_HARDWARE) $(addprefix test/fakes/,fake_machine.cpp fake_memory.cpp fake_stage2.cpp spin_hint.cpp)
FUZZ_TOOL := $(filter-out tools/granary/main.cpp $(TOOL_COMMANDS),$(TOOL_SOURCES))
FUZZ_SOURCES := $(FUZZ_KERNEL) $(FUZZ_TOOL) $(FUZZERS:%=test/fuzz/fuzz_%.cpp)
fuzz_objects = $(patsubst %,$(FUZZ)/%.o,$1)

$(FUZZ)/flags: FORCE | $(SETUP)
	$(call remember,$@,"$(FUZZ_CXX) $(FUZZ_FLAGS) $$($(FUZZ_CXX) --version 2>/dev/null | head -n 1)")
$(FUZZ)/%.cpp.o: %.cpp $(FUZZ)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,FUZZCXX,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CXX) $(FUZZ_FLAGS) $(call fuzz_more,$<) $(call fuzz_includes,$<) -MMD -MP -c $< -o $@
$(FUZZ)/libkernel.a: $(call fuzz_objects,$(FUZZ_KERNEL))
	@rm -f $@ && ar rcs $@ $^
$(FUZZ)/libtool.a: $(call fuzz_objects,$(FUZZ_TOOL))
	@rm -f $@ && ar rcs $@ $^
# $(call fuzzer,NAME,LIBRARY)
define fuzzer_rule
$(FUZZ)/fuzz_$1: $(call fuzz_objects,test/fuzz/fuzz_$1.cpp) $(FUZZ)/$2
	$$(call say,FUZZLINK,$$@)
	$$(Q)$$(FUZZ_CXX) -fsanitize=fuzzer,address,undefined -o $$@ $$^ -lfdt -lpthread
endef
$(foreach name,manifest program,$(eval $(call fuzzer_rule,$(name),libtool.a)))
$(foreach name,system_image device_tree,$(eval $(call fuzzer_rule,$(name),libkernel.a)))
-include $(patsubst %,$(FUZZ)/%.d,$(FUZZ_SOURCES))

.PHONY: fuzz test-fuzz
fuzz: | $(SETUP)
	$(Q)test/run_fuzz.py --make '$(SUBMAKE)' --compiler '$(FUZZ_CXX)' --folder $(FUZZ) --inputs $(INPUTS) \
	  --seconds $(SECONDS_EACH) $(or $(READERS),$(FUZZERS))
test-fuzz: | $(SETUP)
	$(Q)test/run_fuzz.py --make '$(SUBMAKE)' --compiler '$(FUZZ_CXX)' --folder $(FUZZ) --results $(TEST)/fuzz.tap \
	  --seconds 5 $(if $(filter 1,$(FULL)),$(FUZZERS),system_image device_tree)
