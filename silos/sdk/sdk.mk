# SPDX-License-Identifier: Apache-2.0
#
# Makes one silo's program (see README.md for the variables), and the library under all of them.
# `make -f silos/sdk/sdk.mk OUTPUT=... PROGRAM=... HANDLES=...`; `granary build` calls it so, once for each silo.

BUILD ?= build
SDK_BUILD := $(BUILD)/sdk
SDK_INCLUDE_ROOT := $(SDK_BUILD)/include
include $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))/flags.mk

.DELETE_ON_ERROR:
.PHONY: program library
ifdef OUTPUT
program: $(OUTPUT)
endif

# ---- the library
# --------------------------------------------------------------------------------------------------------

SDK_HEADERS_READY := $(SDK_BUILD)/include/.ready
SDK_SOURCES := startup.cpp abort.cpp error.cpp console.cpp heap.cpp lock.cpp standard_library.cpp memory_functions.cpp \
  executor.cpp loop.cpp log.cpp log_text.cpp testing.cpp system.cpp
SDK_OBJECTS := $(SDK_BUILD)/start.o $(SDK_SOURCES:%.cpp=$(SDK_BUILD)/%.o)
# An SDK that is installed has it already. That one is taken only if compiler and C library are those that it was made
# with, since another version of picolibc can have other structures.
SDK_MADE_WITH := $(notdir $(SDK_CXX)) $(shell $(SDK_CXX) -dumpfullversion 2>/dev/null) picolibc \
  $(shell sed -n 's/^.define __PICOLIBC_VERSION__ "\(.*\)"/\1/p' $(PICOLIBC)/include/picolibc.h 2>/dev/null)
SDK_LIBRARY := $(SDK_BUILD)/libgranary.a
ifneq ($(wildcard $(SDK)/lib/libgranary.a),)
ifeq ($(strip $(SDK_MADE_WITH)),$(strip $(shell cat $(SDK)/lib/made_with)))
SDK_LIBRARY := $(SDK)/lib/libgranary.a
endif
endif
library: $(SDK_LIBRARY) $(SDK_CONTAINERS) $(SDK_HEADERS_READY)
# Its loops must stay loops, and use no register that would make a silo one with floating-point state.
$(SDK_BUILD)/memory_functions.o: SDK_CXXFLAGS += -fno-tree-loop-distribute-patterns -fno-builtin -mgeneral-regs-only

# Of the compiled half of the C++ library: what <map>, <set>, <list>, <unordered_map> and std::hash need. It knows nothing
# of an operating system, and is taken from the compiler that makes the programs.
SDK_CONTAINERS := $(SDK_BUILD)/libcontainers.a
CONTAINER_OBJECTS := tree.o list.o hashtable_c++0x.o hash_bytes.o
$(SDK_CONTAINERS): $(SDK_STAMP)
	@mkdir $@.$$$$ && cd $@.$$$$ && $(SDK_AR) x "$$($(SDK_CXX) -print-file-name=libstdc++.a)" $(CONTAINER_OBJECTS) && \
	  $(SDK_AR) rcsD all.a $(CONTAINER_OBJECTS) && mv all.a $(abspath $@) && cd $(CURDIR) && rm -r $@.$$$$   # whole at once, too

# It is used on other machines than where it was compiled: a crash report names its files without that folder.
SDK_PLACE = -fdebug-prefix-map=$(CURDIR)=.

# What was built with another SDK, another place of this one, another compiler or C library is built anew: dates say
# nothing about that. The stamp changes only when one of these does.
SDK_STAMP := $(SDK_BUILD)/stamp
SDK_IDENTITY := $(abspath $(SDK)) $(SDK_MADE_WITH) $(SDK_CXX) $(SDK_CXXFLAGS) $(SDK_CC) $(SDK_CFLAGS) $(PICOLIBC)
$(shell mkdir -p $(SDK_BUILD); new=$(SDK_STAMP).$$$$; \
  { printf '%s\n' '$(SDK_IDENTITY)'; cat $(SDK)/*.mk $(SDK)/include/granary/* $(SDK)/toolchain/*/*[a-z] $(SDK)/toolchain/first/bits/* \
    $(SDK)/../../ipc/abi/* 2>/dev/null | cksum; } > $$new; \
  if cmp -s $$new $(SDK_STAMP); then rm $$new; else mv $$new $(SDK_STAMP); fi)

# What programs may include: the SDK's headers and the interface, nothing of the kernel.
$(SDK_HEADERS_READY): $(SDK)/sdk.mk $(SDK_STAMP)
	@mkdir -p $(SDK_INCLUDE_ROOT)/ipc
	@ln -sfn $(abspath $(SDK)/include/granary) $(SDK_INCLUDE_ROOT)/granary
	@ln -sfn $(abspath $(SDK)/../../ipc/abi) $(SDK_INCLUDE_ROOT)/ipc/abi
	@ln -sfn $(abspath $(SDK)/../drivers) $(SDK_INCLUDE_ROOT)/drivers
	@touch $@

$(SDK_BUILD)/%.o: $(SDK)/%.cpp $(SDK_STAMP) | $(SDK_HEADERS_READY)
	@$(SDK_CXX) $(SDK_PLACE) $(SDK_CXXFLAGS) -Werror -I$(SDK) -MMD -MP -c $< -o $@
$(SDK_BUILD)/%.o: $(SDK)/%.S $(SDK_STAMP) | $(SDK_HEADERS_READY)
	@$(SDK_CC) $(SDK_PLACE) $(SDK_CFLAGS) -MMD -MP -c $< -o $@
$(SDK_BUILD)/libgranary.a: $(SDK_OBJECTS)
	@echo '$(SDK_MADE_WITH)' > $(@D)/made_with
	@$(SDK_AR) rcsD $@.$$$$ $^ && mv $@.$$$$ $@   # whole at once: another make may be linking with it
-include $(SDK_OBJECTS:.o=.d)

# ---- one program
# --------------------------------------------------------------------------------------------------------

ifdef OUTPUT
comma := ,
CONSOLE ?= 0
HEAP ?= 0
OBJECTS := $(foreach source,$(PROGRAM),$(basename $(OUTPUT)).$(notdir $(source)).o)
PROGRAM_INCLUDES := $(addprefix -I,$(sort $(patsubst %/,%,$(dir $(PROGRAM))))) $(addprefix -I,$(HANDLES))
LINK := $(SDK_CXX) $(SDK_LDFLAGS) $(addprefix -Wl$(comma)-u$(comma),$(ENTRIES)) \
  -Wl,--defsym=granary_console=$(CONSOLE) -Wl,--defsym=granary_heap_bytes=$(HEAP)

define compile_rule
$(basename $(OUTPUT)).$(notdir $(1)).o: $(1) $(SDK_STAMP) | $(SDK_HEADERS_READY)
	@mkdir -p $$(@D)
	@$(if $(filter %.cpp %.cc %.cxx,$(1)),$$(SDK_CXX) $$(SDK_CXXFLAGS),$$(SDK_CC) $$(SDK_CFLAGS)) $(PROGRAM_INCLUDES) \
	  -MMD -MP -c $$< -o $$@
endef
$(foreach source,$(PROGRAM),$(eval $(call compile_rule,$(source))))
-include $(OBJECTS:.o=.d)

# The link is repeated when its options change (console, heap): they are kept in a file that changes only then.
OPTIONS := $(OUTPUT).options
$(shell mkdir -p $(dir $(OUTPUT)); printf '%s\n' '$(LINK) $(OBJECTS)' | cmp -s - $(OPTIONS) || \
  printf '%s\n' '$(LINK) $(OBJECTS)' > $(OPTIONS))
$(OUTPUT): $(OBJECTS) $(SDK_LIBRARY) $(SDK_CONTAINERS) $(SDK)/silo.ld $(OPTIONS)
	@$(LINK) -o $@ $(OBJECTS) -Wl,--whole-archive $(SDK_LIBRARY) -Wl,--no-whole-archive \
	  -Wl,--start-group $(SDK_CONTAINERS) -L$(PICOLIBC)/lib -lc -lm -lgcc -Wl,--end-group
endif
