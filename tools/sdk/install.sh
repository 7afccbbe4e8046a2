#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Puts the SDK under PREFIX:  install.sh PREFIX VERSION TOOL KERNEL_FOLDER LIBRARY
# The same tree for `make sdk` and `make install`. share/granary mirrors the source tree, so that the scripts and the
# makefiles in it are those of the source tree, unchanged. DESTDIR is respected.
set -euo pipefail

prefix=${DESTDIR:-}$1 version=$2 tool=$3 kernel=$4 library=$5
cd "$(dirname "$0")/../.."
share=$prefix/share/granary

put() {  # put MODE FOLDER FILE...
  local mode=$1 folder=$2
  shift 2
  mkdir -p "$folder"
  install -m "$mode" "$@" "$folder/"
}
fill_in() { sed "s/@VERSION@/$version/g" "$1"; }

rm -rf "$share"
put 755 "$prefix/bin" "$tool"
strip --strip-unneeded "$prefix/bin/$(basename "$tool")"  # nobody debugs it there, and it would name folders of this machine
put 644 "$share/kernel" "$kernel/granary.img" "$kernel/granary.elf"
put 755 "$share/tools" tools/run_qemu.py tools/sdcard tools/sdcard_advice tools/setup.sh tools/debug
put 644 "$share/tools" tools/console_view.py tools/firmware.sha256
put 644 "$share/tools/gdb" tools/gdb/*
put 644 "$share/tools/sdk" tools/sdk/granary.mk tools/sdk/GranaryConfig.cmake

# The library: sources, headers, linker script, and built already for the usual compiler.
mkdir -p "$share/silos" "$share/ipc" "$share/include/ipc"
cp -r silos/sdk "$share/silos/"
put 644 "$share/silos/sdk/lib" "$library" "$(dirname "$library")/made_with"
put 644 "$share/silos/drivers" silos/drivers/*.[ch]pp
rm "$share"/silos/drivers/*_test.cpp
put 644 "$share/ipc/abi" ipc/abi/abi.hpp ipc/abi/system_image.hpp ipc/abi/*.def
ln -s ../silos/sdk/include/granary "$share/include/granary"
ln -s ../silos/drivers "$share/include/drivers"
ln -s ../../ipc/abi "$share/include/ipc/abi"

# Examples, each a folder of its own with system.toml: example NAME MANIFEST FILE... Drivers that it names come with it.
example() {
  local name=$1 manifest=$2 folder=$share/examples/$1 driver
  shift 2
  put 644 "$folder" "$@"
  sed -E -e 's,"[./]*/drivers/,"drivers/,g' -e 's,"\.\./[^"]*/,",g' "$manifest" >"$folder/system.toml"
  sed -n -E 's,^program = "(drivers/.*)"$,\1,p' "$folder/system.toml" | while IFS= read -r driver; do
    put 644 "$folder/drivers" "silos/$driver" silos/drivers/*.hpp
  done
}
for name in hello ping_pong demo hub supervisor; do
  example $name silos/systems/$name.toml silos/$name/*
done
rm "$share"/examples/demo/{alarm,board_status,disk_client}.cpp
example alarm silos/systems/alarm.toml silos/demo/alarm.cpp
example disk silos/systems/disk.toml silos/demo/disk_client.cpp
example board_status silos/systems/board_status.toml silos/demo/board_status.cpp
example crash test/qemu/systems/crash.toml silos/conformance/{crash*.cpp,check.hpp}

# The pages lie where they do in the source tree, so that their links to other folders hold.
tools/sdk/pages.py docs "$share/docs"

# For other programs: CMake, pkg-config, man, shells.
put 644 "$prefix/lib/cmake/Granary" tools/sdk/GranaryConfig.cmake
fill_in tools/sdk/GranaryConfigVersion.cmake.in >"$prefix/lib/cmake/Granary/GranaryConfigVersion.cmake"
mkdir -p "$prefix"/lib/pkgconfig "$prefix"/share/{man/man{1,5},bash-completion/completions,zsh/site-functions}
fill_in tools/sdk/granary.pc.in >"$prefix/lib/pkgconfig/granary.pc"
"$tool" manual >"$prefix/share/man/man1/granary.1"
tools/sdk/man_page.py "$share/docs/manifest.md" granary-manifest 5 "$version" >"$prefix/share/man/man5/granary-manifest.5"
"$tool" completion bash >"$prefix/share/bash-completion/completions/granary"
"$tool" completion zsh >"$prefix/share/zsh/site-functions/_granary"

mkdir -p "$prefix/share/doc"
rm -rf "$prefix/share/doc/granary"
ln -s ../granary/docs "$prefix/share/doc/granary"
put 644 "$share" LICENSE
chmod -R u+w,go+rX "$share"
