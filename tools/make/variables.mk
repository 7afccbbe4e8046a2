# SPDX-License-Identifier: Apache-2.0
#
# What the user may set on the command line. A value that cannot work is refused here, with a sentence, before
# anything is built.

BOARD ?= virt
BOOT ?= $(if $(filter raspi4b,$(BOARD)),uboot,direct)
SYSTEM ?= demo
# Nothing: as many as the manifest names (run.mk).
SMP ?= $(if $(filter raspi4b,$(BOARD)),4)
GIC ?= $(if $(filter raspi4b,$(BOARD)),2,3)
CPU ?= cortex-a72
MEMORY ?= $(if $(filter raspi4b,$(BOARD)),2G,512M)
ONCE ?=
CORE ?=
FULL ?=
TIMEOUT ?=
QEMU_EXTRA ?=
CROSS_COMPILE ?= aarch64-linux-gnu-
CXX_HOST ?= g++
V ?=
# Of the SDK and of the tool.
VERSION := $(shell cat VERSION)
# Where everything is made; what setup.sh downloads stays in build/packages and survives `make clean`.
BUILD ?= build
PACKAGES := build/packages

Q := $(if $(filter 1,$(V)),,@)
SILENT := $(if $(filter 1,$(V)),,--silent)
# $(call say,WORD,what): the progress line of a step.
say = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' '$1' '$2')

# $(call one_of,NAME,allowed values,why)
one_of = $(if $(and $(filter 1,$(words $($1))),$(filter $($1),$2)),,$(error $1=$($1): $1 is one of: $2$(if $3, ($3))))

CPUS_ON_VIRT := cortex-a53 cortex-a55 cortex-a57 cortex-a72 cortex-a76 cortex-a710 neoverse-n1 neoverse-n2 neoverse-v1 max
$(call one_of,BOARD,virt raspi4b)
$(call one_of,BOOT,direct uboot)
$(if $(ONCE),$(call one_of,ONCE,0 1))
$(if $(CORE),$(call one_of,CORE,0 1))
$(if $(FULL),$(call one_of,FULL,0 1))
$(if $(V),$(call one_of,V,0 1))
ifneq ($(shell [[ '$(TIMEOUT)' =~ ^([1-9][0-9]{0,6})?$$ ]] && echo yes),yes)
$(error TIMEOUT=$(TIMEOUT): a number of seconds, 1 or more)
endif
# Make tells `once` from `ONCE`, and would say nothing.
$(foreach small,board boot system smp gic cpu memory once core full timeout qemu_extra cross_compile build jobs rows runs, \
  $(if $(filter command,$(origin $(small))), \
    $(error $(small)=$($(small)): variables are written in capitals: $(shell echo '$(small)' | tr a-z A-Z)=$($(small)))))
ifeq ($(BOARD),virt)
$(call one_of,GIC,2 3)
$(if $(SMP),$(call one_of,SMP,1 2 3 4 5 6 7 8))
$(call one_of,CPU,$(CPUS_ON_VIRT))
ifneq ($(shell [[ '$(MEMORY)' =~ ^[1-9][0-9]*[MG]$$ ]] && echo yes),yes)
$(error MEMORY=$(MEMORY): a size such as 128M, 512M or 8G)
endif
else
# QEMU's model of the board is as fixed as the board.
$(call one_of,GIC,2,the Raspberry Pi 4 has a GIC-400)
$(call one_of,SMP,4,the Raspberry Pi 4 has four cores)
$(call one_of,CPU,cortex-a72,the Raspberry Pi 4 has Cortex-A72 cores)
$(call one_of,MEMORY,2G,the memory of QEMU's raspi4b is fixed)
endif
