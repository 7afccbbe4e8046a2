# SPDX-License-Identifier: Apache-2.0
#
# Running and debugging: the kernel and one system in QEMU.

RUN_CARD := $(strip $(if $(filter raspi4b-uboot,$(BOARD)-$(BOOT)), \
  $(SYSTEM_DIRECTORY)/sdcard$(if $(filter 1,$(ONCE)),-once)$(if $(filter 1,$(CORE)),-core_files).img))
RUN_INPUTS := $(KERNEL_IMAGE) $(or $(RUN_CARD),$(SYSTEM_IMAGE))
RUN_TIME_LIMIT := $(if $(filter raspi4b,$(BOARD)),240,120)
export QEMU_EXTRA
# The console as it came is in a file; for who looks on there is what a crash means, in words, and with CORE=1 as core
# files beside the programs (docs/faults.md).
RUN_EXPLANATION = --console $(SYSTEM_DIRECTORY)/console.log \
  --symbolize '$(TOOL) symbolize --elf-dir $(SYSTEM_DIRECTORY) --kernel $(KERNEL)/granary.elf \
  --addr2line $(CROSS_COMPILE)addr2line' \
  $(if $(filter 1,$(CORE)),--core '$(TOOL) core --all $(SYSTEM_DIRECTORY) --elf-dir $(SYSTEM_DIRECTORY)')

# The shell asks for the cores of the system when the system is built.
RUN_CORES = $(or $(SMP),$$(sed -n 's/^SYSTEM_CORES := //p' '$(SYSTEM_DIRECTORY)/system.mk'))
RUN_OPTIONS = --board $(BOARD) --boot $(BOOT) --kernel $(KERNEL_IMAGE) --system '$(SYSTEM_IMAGE)' $(if $(RUN_CARD),--sdcard '$(RUN_CARD)') \
  --cpu $(CPU) --gic $(GIC) --smp $(RUN_CORES) --memory $(MEMORY) --qemu-extra="$$QEMU_EXTRA" \
  $(if $(filter 1,$(ONCE)),--once $(if $(TIMEOUT),,--time-limit $(RUN_TIME_LIMIT))) \
  $(if $(TIMEOUT),--timeout $(TIMEOUT) --timeout-said-by TIMEOUT=)

.PHONY: run debug
run: $(RUN_INPUTS) $(TOOL)
	@printf 'granary.img sha256 %s\n' "$$(sha256sum < $(KERNEL_IMAGE) | cut -d ' ' -f 1)"
	$(Q)tools/run_qemu.py $(RUN_OPTIONS) $(RUN_EXPLANATION)

debug: $(RUN_INPUTS)
	$(Q)tools/debug $(KERNEL)/granary.elf $(BUILD)/debug-console.log $(RUN_OPTIONS)
