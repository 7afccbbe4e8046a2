# SPDX-License-Identifier: Apache-2.0
#
# The SDK: make sdk (a folder and a tarball in $(BUILD)/sdk), make install PREFIX= (the same tree). Both work without
# this source tree. The tarball is the same for the same sources and compilers: names in order, no owner, one date.

SDK_NAME := granary-sdk-$(VERSION)
SDK_FOLDER := $(BUILD)/sdk/$(SDK_NAME)
SDK_TARBALL := $(BUILD)/sdk/$(SDK_NAME).tar.gz
SDK_DATE := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null || echo 0))
PREFIX ?= /usr/local
INSTALL_SDK = tools/sdk/install.sh '$1' $(VERSION) $(TOOL) $(KERNEL) $(BUILD)/sdk/libgranary.a

.PHONY: sdk install
sdk: $(KERNEL_IMAGE) $(TOOL) sdk-library
	$(call say,SDK,$(SDK_FOLDER))
	$(Q)rm -rf $(SDK_FOLDER)
	$(Q)DESTDIR= $(call INSTALL_SDK,$(SDK_FOLDER))
	$(Q)install -m 644 LICENSE $(SDK_FOLDER)/
	$(Q)sed 's/@VERSION@/$(VERSION)/g' tools/sdk/README.md > $(SDK_FOLDER)/README.md
	$(call say,TAR,$(SDK_TARBALL))
	$(Q)tar --create --directory $(BUILD)/sdk --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$(SDK_DATE) $(SDK_NAME) \
	  | gzip -9n > $(SDK_TARBALL)
	@printf '  to use it: export PATH="$$PATH:%s"\n' '$(abspath $(SDK_FOLDER))/bin'

install: $(KERNEL_IMAGE) $(TOOL) sdk-library
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)DESTDIR='$(DESTDIR)' $(call INSTALL_SDK,$(PREFIX))
	@echo '$(DESTDIR)$(PREFIX)/bin/granary is there'
