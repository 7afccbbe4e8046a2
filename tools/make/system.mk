# SPDX-License-Identifier: Apache-2.0
#
# System images: what `granary build` makes out of a manifest. A system of this repository lies in
# build/systems/NAME; one from elsewhere in build/systems/NAME-XXXXXXXX, the letters from its path, so that two of
# the same name stay apart.

SYSTEM_NAMES := $(patsubst silos/systems/%.toml,%,$(wildcard silos/systems/*.toml))

# The manifest that SYSTEM= means.
ifeq ($(filter %.toml,$(SYSTEM))$(findstring /,$(SYSTEM)),)
SYSTEM_FILE := silos/systems/$(SYSTEM).toml
SYSTEM_DIRECTORY := $(BUILD)/systems/$(SYSTEM)
else
SYSTEM_FILE := $(SYSTEM)
SYSTEM_DIRECTORY := $(BUILD)/systems/$(basename $(notdir $(SYSTEM)))-$(shell realpath -m -- '$(SYSTEM)' | cksum | cut -d ' ' -f 1)
endif
SYSTEM_IMAGE := $(SYSTEM_DIRECTORY)/system.img
ifneq ($(words $(SYSTEM)),1)
$(error SYSTEM=$(SYSTEM): one name out of silos/systems/, or a path without spaces to a .toml file)
endif
ifneq ($(filter run debug system sdcard,$(MAKECMDGOALS)),)
# A path that lacks the end of its name, or is the folder.
SYSTEM_MEANT := $(patsubst %,; did you mean SYSTEM=%?,$(firstword $(wildcard $(SYSTEM_FILE:.toml=).toml $(SYSTEM_FILE)/*.toml)))
ifeq ($(wildcard $(SYSTEM_FILE)),)
$(error SYSTEM=$(SYSTEM): there is no $(SYSTEM_FILE)$(or $(SYSTEM_MEANT),; systems here: $(SYSTEM_NAMES)))
else ifeq ($(filter %.toml,$(SYSTEM_FILE)),)
$(error SYSTEM=$(SYSTEM): this is no .toml file$(SYSTEM_MEANT))
endif
endif

.PHONY: sdk-library system
sdk-library: $(SETUP)
	+$(Q)$(MAKE) $(SILENT) -f silos/sdk/sdk.mk BUILD='$(BUILD)' CROSS_COMPILE='$(CROSS_COMPILE)' library

# $(call build_system,MANIFEST,FOLDER): the tool writes how, make does what is out of date.
define build_system
	@mkdir -p '$2'
	$(Q)$(TOOL) makefile '$1' --output '$2'
	+$(Q)$(MAKE) $(SILENT) -f '$2/system.mk' BUILD='$(BUILD)' CROSS_COMPILE='$(CROSS_COMPILE)' '$2/system.img'
endef

$(BUILD)/systems/%/system.img: silos/systems/%.toml $(TOOL) sdk-library FORCE
	$(call say,SYSTEM,$<)
	$(call build_system,$<,$(@D))
# Systems that only tests need.
$(BUILD)/systems/%/system.img: test/qemu/systems/%.toml $(TOOL) sdk-library FORCE
	$(call say,SYSTEM,$<)
	$(call build_system,$<,$(@D))

ifneq ($(SYSTEM_FILE),silos/systems/$(SYSTEM).toml)
$(SYSTEM_IMAGE): $(SYSTEM_FILE) $(TOOL) sdk-library FORCE
	$(call say,SYSTEM,$<)
	$(call build_system,$<,$(@D))
endif

system: $(SYSTEM_IMAGE)

# The SD card image: of the board as it is, and with the word `once` for runs that end by themselves.
$(BUILD)/systems/%/sdcard.img: $(BUILD)/systems/%/system.img $(KERNEL_IMAGE) tools/sdcard | $(SETUP)
	$(call say,SDCARD,$@)
	$(Q)tools/sdcard $@ $(KERNEL_IMAGE) $< $(PACKAGES)
$(BUILD)/systems/%/sdcard-once.img: $(BUILD)/systems/%/system.img $(KERNEL_IMAGE) tools/sdcard | $(SETUP)
	$(call say,SDCARD,$@)
	$(Q)tools/sdcard $@ $(KERNEL_IMAGE) $< $(PACKAGES) once

$(BUILD)/systems/%/sdcard-core_files.img: $(BUILD)/systems/%/system.img $(KERNEL_IMAGE) tools/sdcard | $(SETUP)
	$(call say,SDCARD,$@)
	$(Q)tools/sdcard $@ $(KERNEL_IMAGE) $< $(PACKAGES) core_files
$(BUILD)/systems/%/sdcard-once-core_files.img: $(BUILD)/systems/%/system.img $(KERNEL_IMAGE) tools/sdcard | $(SETUP)
	$(call say,SDCARD,$@)
	$(Q)tools/sdcard $@ $(KERNEL_IMAGE) $< $(PACKAGES) 'once core_files'

.PHONY: sdcard
sdcard: $(SYSTEM_DIRECTORY)/sdcard$(if $(filter 1,$(CORE)),-core_files).img
	@mkdir -p $(BUILD)/sdcard
	$(Q)cp --sparse=always $< $(BUILD)/sdcard/granary-rpi4.img
	@tools/sdcard_advice $(BUILD)/sdcard/granary-rpi4.img $(PACKAGES)
