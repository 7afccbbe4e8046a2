# SPDX-License-Identifier: Apache-2.0
#
# Guest test kernels: $(BUILD)/target/NAME.{elf,img} for each NAME of TARGET_TESTS, made of start.S, the boot steps and hal of the product
# (the very objects of the kernel), kernel/'s console and base, the harness, and test/target/NAME.{cpp,S}. `make target-kernels` builds
# them, `make test-target` runs them.

TARGET := $(BUILD)/target
TARGET_TESTS := contexts el0_probe address_spaces deaths invariants
TARGET_PRODUCT_SOURCES := $(filter-out %_test.cpp boot/main.cpp boot/system_image% boot/image_%, \
  $(call files_under,boot hal kernel/base,*.cpp) $(call files_under,boot hal,*.S)) kernel/console.cpp
TARGET_PRODUCT := $(TARGET_PRODUCT_SOURCES:%=$(KERNEL)/%.o)
# Parts of the policy whose invariants are broken there; what they need and do not use is dropped by the linker.
TARGET_POLICY_invariants := $(filter-out %_test.cpp,$(call files_under,ipc,*.cpp)) kernel/kernel_memory.cpp kernel/vmid_allocator.cpp \
  kernel/frame_allocator.cpp kernel/shared_section.cpp
TARGET_HARNESS := test/target/harness.cpp test/target/run_silo.S
# $(call target_sources,NAME)
target_sources = $(wildcard test/target/$1.cpp test/target/$1.S)
TARGET_KERNELS := $(TARGET_TESTS:%=$(TARGET)/%.img)

$(TARGET)/objects/%.cpp.o: %.cpp $(KERNEL)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(TARGET_FLAGS) -I$(BUILD)/include/test -isystem $(LIBFDT_HEADERS) -MMD -MP -c $< -o $@
$(TARGET)/objects/%.S.o: %.S $(KERNEL)/flags $(INCLUDE_ROOTS) | $(SETUP)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -x assembler-with-cpp $(CODE_FLAGS) $(WARNINGS) -I$(BUILD)/include/test -MMD -MP -c $< -o $@

define target_kernel_rule
$(TARGET)/$1.elf: $(TARGET_PRODUCT) $(patsubst %,$(TARGET)/objects/%.o,$(TARGET_HARNESS) $(call target_sources,$1)) \
    $(TARGET_POLICY_$1:%=$(KERNEL)/%.o) boot/kernel.ld \
    $(LIBFDT_TARGET)
	$$(call say,LINK,$$@)
	$$(Q)$$(CXX) $$(LINK_FLAGS) -Wl,-T,boot/kernel.ld -o $$@ $$(filter %.o,$$^) $$(LIBFDT_TARGET)
	$$(Q)$$(CROSS_COMPILE)nm -n -C $$@ > $$(@:.elf=.sym)
endef
$(foreach name,$(TARGET_TESTS),$(eval $(call target_kernel_rule,$(name))))

$(TARGET)/%.img: $(TARGET)/%.elf
	$(Q)$(CROSS_COMPILE)objcopy -O binary $< $@

-include $(patsubst %,$(TARGET)/objects/%.d,$(TARGET_HARNESS) $(foreach name,$(TARGET_TESTS),$(call target_sources,$(name))))

.PHONY: target-kernels test-target
target-kernels: $(TARGET_KERNELS)
test-target: $(TARGET_KERNELS)
	$(Q)test/target/run_target.py --results $(TEST)/target.tap --kernels $(TARGET) --symbols '$(CROSS_COMPILE)nm' \
	  --lines '$(CROSS_COMPILE)addr2line'
