# SPDX-License-Identifier: Apache-2.0
#
# Layers as include roots: $(BUILD)/include/LAYER holds links to what that layer may see and to nothing else, so a
# wrong include does not compile. What may be seen is said once, here (docs/architecture.md has the picture). Also
# the compiler flags of target code.

SEES_abi    := ipc/abi
SEES_base   := kernel/base
SEES_ipc    := ipc kernel/base
SEES_port   := kernel/port kernel/base
SEES_kernel := kernel ipc
SEES_regs   := hal/regs kernel/base
SEES_hal    := hal kernel/base kernel/port
SEES_boot   := boot hal kernel ipc
SEES_silos  := ipc/abi
SEES_tools  := tools ipc/abi
SEES_test   := boot hal kernel ipc tools test
LAYERS := abi base ipc port kernel regs hal boot silos tools test

# $(call layer,FILE): the layer that a source file belongs to.
layer = $(strip $(or $(if $(filter ipc/abi/%,$1),abi),$(if $(filter ipc/%,$1),ipc),$(if $(filter kernel/base/%,$1),base), \
  $(if $(filter kernel/port/%,$1),port),$(if $(filter kernel/%,$1),kernel),$(if $(filter hal/regs/%,$1),regs), \
  $(if $(filter hal/%,$1),hal),$(if $(filter boot/%,$1),boot),$(if $(filter tools/%,$1),tools),$(if $(filter test/%,$1),test), \
  $(error $1 belongs to no layer)))

INCLUDE_ROOTS := $(BUILD)/include/complete
$(INCLUDE_ROOTS): tools/make/layers.mk tools/make_include_roots.sh | $(SETUP)
	$(Q)tools/make_include_roots.sh $(BUILD)/include $(foreach layer,$(LAYERS),'$(layer)=$(SEES_$(layer))')
	@touch $@

CXX := $(CROSS_COMPILE)g++
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wcast-align -Wold-style-cast \
  -Wswitch-enum -Wmissing-declarations -Wredundant-decls -Wzero-as-null-pointer-constant -Wundef -Werror
LANGUAGE_FLAGS := -std=c++20 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics
# No file that is made names the folder that it was made in.
CODE_FLAGS := -O2 -g -ffile-prefix-map='$(CURDIR)=.' -ffile-prefix-map='$(CURDIR)/=' \
  -fno-pic -fno-pie -mcmodel=small -mgeneral-regs-only -mno-outline-atomics \
  -mstrict-align -ffunction-sections -fdata-sections -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables \
  -fno-common
TARGET_FLAGS := $(LANGUAGE_FLAGS) $(CODE_FLAGS) $(WARNINGS)

# Policy knows no assembly: the word itself is refused there.
POISON := -include kernel/base/poison.hpp
FLAGS_ipc := $(POISON)
FLAGS_kernel := $(POISON)
# Parts of boot/ run before the MMU is on, where an absolute address is wrong: no tables of addresses made out of a
# switch. boot/libfdt_support.cpp defines string functions: their loops must not become calls of themselves.
FLAGS_boot := -fno-jump-tables -fno-tree-switch-conversion -fno-tree-loop-distribute-patterns

# $(call layer_flags,FILE): include root and extra flags.
layer_flags = -I$(BUILD)/include/$(call layer,$1) $(FLAGS_$(call layer,$1))

# $(call files_under,FOLDERS,PATTERN): recursive wildcard, sorted.
files_under = $(sort $(foreach folder,$1,$(wildcard $(folder)/$2) $(call files_under,$(patsubst %/,%,$(wildcard $(folder)/*/)),$2)))

# $(call remember,FILE,TEXT): rule body that rewrites FILE only if TEXT is new, so that what depends on it is made
# again exactly then.
remember = @mkdir -p $(dir $1); printf '%s\n' $2 | cmp -s - $1 || printf '%s\n' $2 > $1
