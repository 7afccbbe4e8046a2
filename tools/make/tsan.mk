# SPDX-License-Identifier: Apache-2.0
#
# The stress tests (*_stress_test.cpp) under ThreadSanitizer: threads are the cores. Those of ipc/ have objects alone,
# that of kernel/ a whole kernel on several cores. Its own objects, because everything that the threads touch must be
# compiled for it.

TSAN := $(BUILD)/tsan
TSAN_FLAGS := -std=c++20 -g1 -O1 -fsanitize=thread -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS -Itest/checked
TSAN_TESTS := $(filter %_stress_test.cpp,$(filter ipc/% kernel/%,$(HOST_TESTS))) kernel/shared_section_test.cpp
TSAN_SOURCES := $(TSAN_TESTS) $(HOST_POLICY) $(HOST_FAKES)
TSAN_OBJECTS := $(TSAN_SOURCES:%=$(TSAN)/%.o)
# Messages in each case. Short: less than a minute on two cores.
TSAN_MESSAGES := $(if $(filter 1,$(FULL)),10000000,20000)
TSAN_SECONDS := $(if $(filter 1,$(FULL)),7200,600)

$(TSAN)/flags: FORCE | $(SETUP)
	$(call remember,$@,"$(CXX_HOST) $(TSAN_FLAGS) $(HOST_TEST_FLAGS) $(WARNINGS) \
	  $$($(CXX_HOST) --version 2>/dev/null | head -n 1)")
$(TSAN)/objects: FORCE
	$(call remember,$@,$(TSAN_OBJECTS))

tsan_flags = $(TSAN_FLAGS) $(if $(filter %_test.cpp,$1),$(filter-out -O0,$(HOST_TEST_FLAGS)) -I$(BUILD)/include/test, \
  $(WARNINGS) -I$(BUILD)/include/$(call layer,$1))
$(TSAN)/%.cpp.o: %.cpp $(TSAN)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,TSANCXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX_HOST) $(call tsan_flags,$<) -MMD -MP -c $< -o $@
$(TSAN)/stress_tests: $(TSAN_OBJECTS) $(TSAN)/objects
	$(call say,TSANLINK,$@)
	$(Q)$(CXX_HOST) $(TSAN_FLAGS) -o $@ $(TSAN_OBJECTS) -lgmock_main -lgmock -lgtest -lfdt -lpthread
-include $(TSAN_OBJECTS:.o=.d)

# Where addresses are randomised more than ThreadSanitizer can bear, it needs setarch -R; where that is forbidden, there
# is no need to ask.
.PHONY: test-tsan
test-tsan: | $(SETUP)
	$(Q)wrapper=''; ! setarch -R true 2>/dev/null || wrapper='setarch -R'; \
	  GRANARY_STRESS_MESSAGES=$(TSAN_MESSAGES) test/run_host.py --step tsan --results $(TEST)/tsan.tap --make '$(SUBMAKE)' \
	  --time-limit $(TSAN_SECONDS) --wrapper "$$wrapper" $(TSAN)/stress_tests
