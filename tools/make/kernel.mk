# SPDX-License-Identifier: Apache-2.0
#
# The kernel: $(BUILD)/kernel/granary.{elf,img,asm,sym,map} and a size report. One file for every board and boot
# way; the same sources and compiler give the same bytes.

KERNEL := $(BUILD)/kernel
KERNEL_IMAGE := $(KERNEL)/granary.img
KERNEL_SOURCES := $(filter-out %_test.cpp,$(call files_under,boot hal kernel ipc,*.cpp) $(call files_under,boot hal,*.S))
KERNEL_OBJECTS := $(KERNEL_SOURCES:%=$(KERNEL)/%.o)
LIBFDT_TARGET := $(PACKAGES)/arm64/usr/lib/aarch64-linux-gnu/libfdt.a
LIBFDT_HEADERS := $(PACKAGES)/arm64/usr/include

$(KERNEL)/flags: FORCE | $(SETUP)
	$(call remember,$@,"$(CXX) $(TARGET_FLAGS) $(POISON) $(FLAGS_boot) $(FLAGS_kernel) $$($(CXX) --version 2>/dev/null | head -n 1)")
$(KERNEL)/objects: FORCE
	$(call remember,$@,$(KERNEL_OBJECTS))

# libfdt's headers are a system's, not a layer's: only boot/ may include them.
FDT_INCLUDE = $(if $(filter boot,$(call layer,$1)),-isystem $(LIBFDT_HEADERS))

$(KERNEL)/%.cpp.o: %.cpp $(KERNEL)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(TARGET_FLAGS) $(call layer_flags,$<) $(call FDT_INCLUDE,$<) -MMD -MP -c $< -o $@
# memcpy's loop must not be turned into a call of memcpy.
$(KERNEL)/kernel/base/memory_functions.cpp.o: CODE_FLAGS += -fno-builtin -fno-tree-loop-distribute-patterns
$(KERNEL)/%.S.o: %.S $(KERNEL)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -x assembler-with-cpp $(CODE_FLAGS) $(WARNINGS) -I$(BUILD)/include/$(call layer,$<) -MMD -MP -c $< -o $@

LINK_FLAGS := -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--fatal-warnings -Wl,--build-id=none -Wl,-z,noexecstack \
  -Wl,--orphan-handling=error

$(KERNEL)/granary.elf: $(KERNEL_OBJECTS) $(KERNEL)/objects boot/kernel.ld $(LIBFDT_TARGET)
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LINK_FLAGS) -Wl,-T,boot/kernel.ld -Wl,-Map,$(@:.elf=.map) -o $@ $(KERNEL_OBJECTS) $(LIBFDT_TARGET)
	$(Q)$(CROSS_COMPILE)objdump -d -C $@ > $(@:.elf=.asm)
	$(Q)$(CROSS_COMPILE)nm -n -C $@ > $(@:.elf=.sym)
	$(Q)$(CROSS_COMPILE)size -A -d $@ > $(@:.elf=.size)

$(KERNEL_IMAGE): $(KERNEL)/granary.elf
	$(call say,IMAGE,$@)
	$(Q)$(CROSS_COMPILE)objcopy -O binary $< $@

-include $(KERNEL_OBJECTS:.o=.d)

.PHONY: kernel kernel-objects
kernel: $(KERNEL_IMAGE)
	@sed -n -e 's/^\(\.[a-z]*\) *\([0-9][0-9]*\) .*/  \1 \2 bytes/p' $(KERNEL)/granary.size | grep -E '\.(text|rodata|data|bss) '
kernel-objects: $(KERNEL_OBJECTS)
