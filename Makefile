# SPDX-License-Identifier: Apache-2.0
#
# The one way to build, run and test Granary; `make` alone prints what there is. Sources are found by folder, so a
# new file needs no edit here. Everything that is made lies under build/. The parts:
#   tools/make/variables.mk    what the user may set, checked          tools/make/host.mk      the host tool, host tests
#   tools/make/layers.mk       include roots, compiler flags           tools/make/system.mk    system images, SD card image
#   tools/make/kernel.mk       the kernel and its reports              tools/make/run.mk       run, debug
#   tools/make/test.mk         every test target, lint, format         tools/make/tsan.mk      stress tests for races
#   tools/make/bench.mk        make bench                          tools/make/sdk.mk       make sdk, make install

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory -j$(shell nproc)
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
export PYTHONDONTWRITEBYTECODE := 1

SETUP := setup
include tools/make/variables.mk
include tools/make/layers.mk
include tools/make/kernel.mk
include tools/make/host.mk
include tools/make/tsan.mk
include tools/make/system.mk
include tools/make/run.mk
include tools/make/bench.mk
include tools/make/sdk.mk
include tools/make/test.mk
include tools/make/fuzz.mk

.PHONY: help setup clean distclean FORCE
FORCE:

# The lines of this file that begin with #? are the help.
help:
	@sed -n 's/^#? \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

#? Granary: an AArch64 partitioning kernel at EL2.
#?
#?   make run            build, then boot a system in QEMU (leave with Ctrl-C or Ctrl-A X)
#?   make test           all tests; ends with the line `N passed, N failed`
#?                       (CORE=1: a core file of each silo that crashes, docs/faults.md)
#?   make bench          instructions of each operation, beside the peers'; what moved since the baseline (2 minutes)
#?   make debug          QEMU with gdb attached, stopped where C++ begins
#?   make sdcard         SD card image for a Raspberry Pi 4
#?
#?   make kernel         only the kernel: build/kernel/granary.{img,elf,asm,sym,map,size}
#?   make tool           only the host tool, build/tools/granary
#?   make system         only the system image that SYSTEM names
#?   make sdk            the SDK, a folder and a tarball in build/sdk; make install PREFIX=/usr/local
#?   make setup          install what is missing (run and test do this by themselves)
#?   make clean          remove what was built; downloads in build/packages stay
#?   make distclean      remove all of build/
#?
#? Parts of make test:
#?   make lint           rules that a script can check     make test-host          unit tests, with sanitizers
#?   make test-elf       checks of the linked kernel       make test-compile-fail  things that must not compile
#?   make test-target    parts of the kernel in QEMU       make test-headers       every header by itself
#?   make test-qemu      systems in QEMU, both boards      make test-clang         the second compiler
#?                       (ROWS=word; FULL=1: more machines) make test-bench         does make bench count right?
#?   make test-sdk       the SDK's tarball, unpacked elsewhere and used; make test-docs: the tutorial, done as it says
#?   make format         rewrite C and C++ (clang-format 14)
#?   make test-model     models of the state machines, searched by spin (RUNS=word: only these runs)
#?   make test-fast-path the fast path, broken one instruction at a time: each break is seen (MUTANTS=word: only these)
#?   make test-both-ways random calls with and without the fast path give the same results (BOTH_STEPS=1000000)
#?   make test-drivers   the drivers of silos/drivers, with 64 MiB of disk and 10,000 echoes (ROWS=word)
#?   make test-timing    how late a sensor is beside silos that are against it, for 100,000 periods (TIMING_PERIODS=)
#?   make test-spread    silos spread over 2, 4 and 8 cores at random: what they promise holds wherever they are (SEEDS=4)
#?   make test-soak      every kind of object at once, ten million operations on each board (SOAK_OPERATIONS=)
#?   make test-sweep     silos stopped at each instant of each operation, on one core and on two (SWEEP_STEP=1)
#?   make test-restarts  a silo that crashes and restarts a million times under load, on both boards (RESTARTS=1000000)
#?   make test-property  capabilities against a reference, calls with and without the fast path (PROPERTY_STEPS=)
#?   make fuzz           readers of input, fuzzed with ten million inputs each (INPUTS=, SECONDS= each, READERS=manifest)
#?   make test-tsan      races between cores, with ThreadSanitizer (FULL=1: ten million messages in each case)
#?
#? Of make bench: make bench-baseline (what was measured last is the new baseline), make bench-page (docs/benchmarks.md),
#?                make bench-profile ROW=NullCall (by function of the kernel; rows: silos/bench/rows.def)
#?
#? Variables:
#?   SYSTEM=demo         a name in silos/systems/, or a path to a manifest (.toml) anywhere
#?   BOARD=virt          virt, or raspi4b (the Raspberry Pi 4 model: SD card image, U-Boot)
#?   BOOT=direct         direct, or uboot (Debian's U-Boot; what raspi4b does if nothing is said)
#?   GIC=3  CPU=cortex-a72  MEMORY=512M      of virt: GIC 2 or 3; QEMU's names; 128M to 8G
#?   SMP=cores           of virt: 1 to 8; as many as the manifest names if nothing is said
#?   ONCE=1              end at the system's verdict; exit status 0 if it is passed
#?   TIMEOUT=seconds     end after so long; make says 124 if there was no verdict (or ONCE was not set)
#?   QEMU_EXTRA="..."    more arguments for QEMU, passed untouched
#?   CROSS_COMPILE=aarch64-linux-gnu-    V=1 shows commands    BUILD=build    JOBS=cores (tests)
#?
#? Examples:
#?   make run SYSTEM=hello
#?   make run ONCE=1 GIC=2 SMP=4 BOOT=uboot
#?   make run BOARD=raspi4b ONCE=1
#?   make run SYSTEM=../mine/robot.toml QEMU_EXTRA="-d int -D interrupts.log"

# Everything that compiles has this as an order-only prerequisite, so what is missing is there before the first
# compiler is called.
SETUP_WANTS := $(if $(filter raspi4b-% virt-uboot,$(BOARD)-$(BOOT)),$(if $(filter raspi4b,$(BOARD)),raspi4b,uboot)) \
  $(if $(filter test test-host test-target test-tsan test-qemu test-drivers test-sdk test-docs,$(MAKECMDGOALS)),test) \
  $(if $(filter bench,$(MAKECMDGOALS)),raspi4b) \
  $(if $(filter test-model,$(MAKECMDGOALS)),model) $(filter sdcard debug,$(MAKECMDGOALS))
setup:
	@CROSS_COMPILE='$(CROSS_COMPILE)' tools/setup.sh $(SETUP_WANTS)
$(LIBFDT_TARGET): | setup ;

clean:
	rm -rf $(filter-out $(PACKAGES),$(wildcard $(BUILD)/*))
distclean:
	rm -rf build
