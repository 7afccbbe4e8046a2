# SPDX-License-Identifier: Apache-2.0
#
# What `granary run --gdb` gives to gdb (and `make debug` in the source tree). The kernel's symbols hold once its MMU is on (it is linked where it is then mapped), so the first stop is
# where C++ begins; only a hardware breakpoint can wait there, because that address is not mapped yet.
set confirm off
set pagination off
set architecture aarch64
set tcp connect-timeout 20
target remote localhost:1234
thbreak boot_main
continue
