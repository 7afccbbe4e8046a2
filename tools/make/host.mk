# SPDX-License-Identifier: Apache-2.0
#
# What runs on this machine: the tool `granary`, and the unit tests under AddressSanitizer and
# UndefinedBehaviorSanitizer. Each *_test.cpp joins the test program of its top-level layer. All of kernel/ and ipc/
# and the fakes of test/fakes are linked in; of hal/ and boot/ only files that have a test beside them, so policy
# cannot lean on hardware by accident.

HOST_TEST_ROOTS := kernel ipc hal boot tools/granary test/sdk silos/drivers
HOST := $(BUILD)/host
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# Ranks of locks are checked while tests run as well (test/checked/kernel/base/rank_check.hpp).
HOST_FLAGS := -std=c++20 -g1 $(SANITIZERS) -D_GLIBCXX_ASSERTIONS -Itest/checked
HOST_TEST_FLAGS := -O0 -Wall -Wextra -Werror
TOOL_FLAGS := -std=c++20 -g1 -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wswitch-enum \
  -Wno-missing-field-initializers -Werror -DGRANARY_VERSION='"$(VERSION)"'

$(HOST)/flags: FORCE | $(SETUP)
	$(call remember,$@,"$(CXX_HOST) $(HOST_FLAGS) $(HOST_TEST_FLAGS) $(WARNINGS) $(TOOL_FLAGS) \
	  $$($(CXX_HOST) --version 2>/dev/null | head -n 1)")

# Sources under test.
HOST_TESTS := $(call files_under,$(HOST_TEST_ROOTS),*_test.cpp)
# The host has its own memcpy.
HOST_POLICY := $(filter-out %_test.cpp kernel/base/memory_functions.cpp,$(call files_under,kernel ipc,*.cpp))
HOST_HARDWARE := $(filter $(HOST_TESTS:%_test.cpp=%.cpp),$(call files_under,hal boot,*.cpp))
HOST_FAKES := $(call files_under,test/fakes,*.cpp)
TOOL_SOURCES := $(filter-out %_test.cpp,$(call files_under,tools/granary,*.cpp))

# GoogleTest is most of what a test compiles, so it is compiled once, with what every test includes first.
HOST_PRELUDE := $(HOST)/prelude.hpp
$(HOST_PRELUDE).gch: test/fakes/host_prelude.hpp $(HOST)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,HOSTCXX,$<)
	@mkdir -p $(@D)
	@echo '#include "test/fakes/host_prelude.hpp"' > $(HOST_PRELUDE)
	$(Q)$(CXX_HOST) $(HOST_FLAGS) $(HOST_TEST_FLAGS) -I$(BUILD)/include/test -x c++-header $(HOST_PRELUDE) -o $@

# What a test itself does is looked at by AddressSanitizer alone: UndefinedBehaviorSanitizer takes half as long again to
# compile. But where the code under test is in headers, so compiled into the test, it has both.
TESTS_OF_HEADERS := ipc/% kernel/base/% test/sdk/% silos/% hal/% %_property_test.cpp kernel/capability_table_test.cpp \
  kernel/object_pool_test.cpp
PLAIN_TESTS := $(filter-out $(TESTS_OF_HEADERS),$(HOST_TESTS))
PLAIN_PRELUDE := $(HOST)/plain/prelude.hpp
$(PLAIN_PRELUDE).gch: test/fakes/host_prelude.hpp $(HOST)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,HOSTCXX,$<)
	@mkdir -p $(@D)
	@echo '#include "test/fakes/host_prelude.hpp"' > $(PLAIN_PRELUDE)
	$(Q)$(CXX_HOST) $(HOST_FLAGS) -fno-sanitize=undefined $(HOST_TEST_FLAGS) -I$(BUILD)/include/test -x c++-header $(PLAIN_PRELUDE) \
	  -o $@

# Code under test is compiled as strictly as for the target, in its layer's include root (the word list of
# poison.hpp apart, which is for the freestanding headers); tests and fakes see everything.
host_flags = $(HOST_FLAGS) $(if $(filter $(PLAIN_TESTS),$1),-fno-sanitize=undefined -include $(PLAIN_PRELUDE), \
  $(if $(filter %_test.cpp,$1),-include $(HOST_PRELUDE))) \
  $(if $(filter test/sdk/% silos/sdk/% silos/drivers/%,$1),-Isilos/sdk/include -Isilos/sdk) \
  $(if $(filter %_test.cpp test/% silos/%,$1),$(HOST_TEST_FLAGS) -I$(BUILD)/include/test, \
  $(if $(filter tools/%,$1),$(TOOL_FLAGS) -O0 -I$(BUILD)/include/tools,-O1 $(WARNINGS) -I$(BUILD)/include/$(call layer,$1)))

$(HOST)/%.cpp.o: %.cpp $(HOST)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,HOSTCXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX_HOST) $(call host_flags,$<) -MMD -MP -c $< -o $@

host_objects = $(patsubst %,$(HOST)/%.o,$1)
# $(call test_program,NAME,TESTS,WHAT IS UNDER TEST,MORE OBJECTS)
define test_program_rule
HOST_TEST_PROGRAMS += $(HOST)/$1_tests
$(HOST)/$1_tests.objects: FORCE
	$$(call remember,$$@,$2 $3 $4)
$(HOST)/$1_tests: $(call host_objects,$2 $3) $4 $(HOST)/$1_tests.objects
	$$(call say,HOSTLINK,$$@)
	$$(Q)$$(CXX_HOST) $$(HOST_FLAGS) -o $$@ $(call host_objects,$2 $3) $4 -lgmock_main -lgmock -lgtest -lfdt -lpthread
endef
test_program = $(if $(strip $2),$(eval $(call test_program_rule,$1,$(strip $2),$(strip $3),$(strip $4))))

$(call host_objects,$(HOST_TESTS)): $(HOST_PRELUDE).gch
$(call host_objects,$(PLAIN_TESTS)): $(PLAIN_PRELUDE).gch

HOST_TEST_PROGRAMS :=
$(call test_program,kernel,$(filter kernel/%,$(HOST_TESTS)),$(HOST_POLICY) $(HOST_FAKES))
$(call test_program,ipc,$(filter ipc/%,$(HOST_TESTS)),$(HOST_POLICY) $(HOST_FAKES))
$(call test_program,hal,$(filter hal/%,$(HOST_TESTS)),$(HOST_POLICY) $(HOST_FAKES) $(HOST_HARDWARE))
$(call test_program,boot,$(filter boot/%,$(HOST_TESTS)),$(HOST_POLICY) $(HOST_FAKES) $(HOST_HARDWARE))
# The SDK's headers, which are templates or of its library, and what it says of errors: what else a silo gets is in test/sdk.
# So are the parts of the example drivers that know no machine.
SDK_UNDER_TEST := $(addprefix silos/sdk/,error.cpp executor.cpp loop.cpp log.cpp log_text.cpp testing.cpp)
SDK_FAKES := test/sdk/sdk_host.cpp test/sdk/executor_world.cpp test/sdk/console_world.cpp
$(call test_program,sdk,$(filter test/sdk/% silos/drivers/%,$(HOST_TESTS)),$(SDK_FAKES) $(SDK_UNDER_TEST))
# Commands are thin, and most of what they compile is CLI11: the tests take them from the tool itself, without sanitizers.
TOOL_COMMANDS := $(filter %_command.cpp %_commands.cpp,$(TOOL_SOURCES))
$(call test_program,tool,$(filter tools/%,$(HOST_TESTS)),$(filter-out tools/granary/main.cpp $(TOOL_COMMANDS),$(TOOL_SOURCES)), \
  $(TOOL_COMMANDS:%=$(BUILD)/tools/objects/%.o))

-include $(patsubst %,$(HOST)/%.d,$(HOST_TESTS) $(HOST_POLICY) $(HOST_HARDWARE) $(HOST_FAKES) \
  $(TOOL_SOURCES) $(SDK_FAKES) $(SDK_UNDER_TEST))

# The tool itself, without sanitizers.
TOOL := $(BUILD)/tools/granary
TOOL_OBJECTS := $(TOOL_SOURCES:%=$(BUILD)/tools/objects/%.o)
$(BUILD)/tools/objects/%.cpp.o: %.cpp $(HOST)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,HOSTCXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX_HOST) $(TOOL_FLAGS) -I$(BUILD)/include/tools -MMD -MP -c $< -o $@
$(BUILD)/tools/objects/list: FORCE
	$(call remember,$@,$(TOOL_OBJECTS))
$(TOOL): $(TOOL_OBJECTS) $(BUILD)/tools/objects/list
	$(call say,HOSTLINK,$@)
	$(Q)$(CXX_HOST) -static-libstdc++ -static-libgcc -o $@ $(TOOL_OBJECTS) -Wl,-Bstatic -lfdt -Wl,-Bdynamic
-include $(TOOL_OBJECTS:.o=.d)

.PHONY: tool host-tests
tool: $(TOOL)
host-tests: $(HOST_TEST_PROGRAMS)
