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
put 644 "$share/kernel" "$kernel/granary.img" "$kernel/granary.elf"
put 755 "$share/tools" tools/run_qemu.py tools/sdcard tools/sdcard_advice tools/setup.sh tools/debug
put 644 "$share/tools" tools/firmware.sha256
put 644 "$share/tools/gdb" tools/gdb/*
put 644 "$share/tools/sdk" tools/sdk/granary.mk tools/sdk/GranaryConfig.cmake

# The library: sources, headers, linker script, and built already for the usual compiler.
mkdir -p "$share/silos" "$share/ipc" "$share/include/ipc"
cp -r silos/sdk "$share/silos/"
put 644 "$share/silos/sdk/lib" "$library"
put 644 "$share/silos/drivers" silos/drivers/*.[ch]pp
rm "$share"/silos/drivers/*_test.cpp
put 644 "$share/ipc/abi" ipc/abi/abi.hpp ipc/abi/system_image.hpp ipc/abi/*.def
ln -s ../silos/sdk/include/granary "$share/include/granary"
ln -s ../silos/drivers "$share/include/drivers"
ln -s ../../ipc/abi "$share/include/ipc/abi"

# Examples, each a folder of its own with system.toml.
for example in hello ping_pong demo; do
  put 644 "$share/examples/$example" "silos/$example"/*
  sed -e "s,\"\.\./$example/,\",g" -e 's,"\.\./drivers/,"drivers/,g' "silos/systems/$example.toml" >"$share/examples/$example/system.toml"
done
put 644 "$share/examples/demo/drivers" silos/drivers/{console,shell}.cpp silos/drivers/*.hpp

# For other programs: CMake, pkg-config, man, shells.
put 644 "$prefix/lib/cmake/Granary" tools/sdk/GranaryConfig.cmake
fill_in tools/sdk/GranaryConfigVersion.cmake.in >"$prefix/lib/cmake/Granary/GranaryConfigVersion.cmake"
mkdir -p "$prefix"/lib/pkgconfig "$prefix"/share/{man/man{1,5},bash-completion/completions,zsh/site-functions}
fill_in tools/sdk/granary.pc.in >"$prefix/lib/pkgconfig/granary.pc"
"$tool" manual >"$prefix/share/man/man1/granary.1"
tools/sdk/man_page.py docs/manifest.md granary-manifest 5 "$version" >"$prefix/share/man/man5/granary-manifest.5"
"$tool" completion bash >"$prefix/share/bash-completion/completions/granary"
"$tool" completion zsh >"$prefix/share/zsh/site-functions/_granary"

put 644 "$prefix/share/doc/granary" docs/*.md LICENSE
cp -r docs/pictures docs/decisions docs/concepts "$prefix/share/doc/granary/"
chmod -R u+w,go+rX "$share" "$prefix/share/doc/granary"
