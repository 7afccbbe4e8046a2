# SPDX-License-Identifier: Apache-2.0
#
# For the Makefile of a project: `include $(shell granary path make)`. make builds, and make run, test, check, graph,
# sdcard and clean do what the commands of granary do. SYSTEM= names another manifest, BOARD= another board.

GRANARY ?= granary
SYSTEM ?= system.toml
BOARD ?= virt

.PHONY: all check run test graph report sdcard clean
all:
	@$(GRANARY) build $(SYSTEM)
check:
	@$(GRANARY) check $(SYSTEM)
run:
	@$(GRANARY) run $(SYSTEM) --board $(BOARD)
test:
	@$(GRANARY) test
graph:
	@mkdir -p build
	@$(GRANARY) graph $(SYSTEM) -o build/graph.svg && echo build/graph.svg
report:
	@mkdir -p build
	@$(GRANARY) report $(SYSTEM) -o build/report.html && echo build/report.html
sdcard:
	@$(GRANARY) sdcard $(SYSTEM)
clean:
	rm -rf build
