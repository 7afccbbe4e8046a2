# SPDX-License-Identifier: Apache-2.0
#
# Compiler and linker flags of silo programs, and where the headers come from.
#
# The cross compiler's C++ headers expect glibc's C headers; silos use picolibc. So the search path is spelled out:
# first our few adaptations (toolchain/first), then picolibc, the compiler's C++ headers, the compiler's own C
# headers, and last what C++ headers reach by include_next (toolchain/last). Nothing else is seen: a header of the
# host's C library is not found.

CROSS_COMPILE ?= aarch64-linux-gnu-
SDK := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
SDK_CC := $(CROSS_COMPILE)gcc
SDK_CXX := $(CROSS_COMPILE)g++
SDK_AR := $(CROSS_COMPILE)ar
PICOLIBC ?= /usr/lib/picolibc/aarch64-linux-gnu

SDK_CXX_HEADERS := $(shell $(SDK_CXX) -E -x c++ -v /dev/null 2>&1 | \
  sed -n '/^.include </,/^End of search/p' | grep '/c++' | sed 's/^ */-isystem /')
SDK_COMPILER_HEADERS := -isystem $(shell $(SDK_CC) -print-file-name=include)

SDK_INCLUDES = -nostdinc -I$(SDK_INCLUDE_ROOT) -isystem $(SDK)/toolchain/first -isystem $(PICOLIBC)/include

# No unwinding, no position independence, no calls into libgcc for atomics (Cortex-A53 and A72 have no LSE),
# thread-local storage at fixed offsets, a touch of every page of a large stack frame, so that none can step over the
# guard page, and frame records, by which the kernel tells who called whom when a silo faults.
SDK_COMMON_FLAGS := -O2 -g -fno-omit-frame-pointer -fno-pic -fno-pie -mcmodel=small -mno-outline-atomics -ftls-model=local-exec \
  -fno-unwind-tables -fno-asynchronous-unwind-tables -fno-stack-protector -fstack-clash-protection \
  --param=stack-clash-protection-guard-size=12 -ffunction-sections -fdata-sections -fno-common \
  -ffile-prefix-map=$(CURDIR)/= -Wall -Wextra
SDK_CFLAGS = $(SDK_COMMON_FLAGS) -std=c11 $(SDK_INCLUDES) $(SDK_COMPILER_HEADERS)
SDK_CXXFLAGS = $(SDK_COMMON_FLAGS) -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit \
  $(SDK_INCLUDES) $(SDK_CXX_HEADERS) $(SDK_COMPILER_HEADERS) -isystem $(SDK)/toolchain/last
SDK_LDFLAGS = -nostdlib -nostartfiles -static -no-pie -T $(SDK)/silo.ld -Wl,--gc-sections -Wl,--build-id=none \
  -Wl,-z,separate-code -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,--fatal-warnings -Wl,--orphan-handling=error \
  -Wl,--defsym=vfprintf=__d_vfprintf -Wl,--defsym=vfscanf=__d_vfscanf
