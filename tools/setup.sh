#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, says what it installs, and is done in an instant if all is there:
#     setup.sh [uboot] [raspi4b] [sdcard] [test] [model] [fuzz] [debug] [sdk]
# `sdk` is for who has the kernel and the tool already, as in the SDK: no compiler of this machine, no libfdt.
# Two kinds of things are needed. Packages of this machine are installed with apt,
# as root or with sudo; with neither, the list of them is printed and that is the end. Files of arm64 packages
# (libfdt, U-Boot for the Pi, its device tree) cannot be installed beside their amd64 namesakes: they are downloaded
# and unpacked into build/packages (or $GRANARY_PACKAGES), by a private apt state that leaves the machine's own alone. Mirrors are those of
# the machine's own apt sources.
set -euo pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

cd "$(dirname "$0")/.."
top=$PWD
packages=${GRANARY_PACKAGES:-build/packages}
if [[ $packages != /* ]]; then packages=$top/$packages; fi
log=$packages/apt.log
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
wanted=" $* "
wants() { [[ $wanted == *" $1 "* ]]; }
if wants test; then wanted+="uboot raspi4b model "; fi
if wants sdcard; then wanted+="raspi4b "; fi

# The folder of downloads; for an SDK it is in the user's cache.
make_packages() {
  if ! mkdir -p "$packages" 2>/dev/null || [[ ! -w $packages ]]; then
    stop "what has to be downloaded cannot be kept: the folder $packages cannot be written to" \
      "remedy: set XDG_CACHE_HOME or GRANARY_PACKAGES to a folder of your own (export XDG_CACHE_HOME=/tmp/cache)," \
      "and run the same command again"
  fi
}
say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$@" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

has_fuzzer() { compgen -G '/usr/lib/llvm-*/lib/clang/*/lib/*/libclang_rt.fuzzer*.a' >/dev/null; }

# --- What this machine must have. Tested by the thing itself, not by the package database: other ways to have it
# are as good. ---

missing=()
need() {  # need PACKAGE test...
  local package=$1
  shift
  "$@" || missing+=("$package")
}
qemu_is_new() {
  local version
  version=$(qemu-system-aarch64 --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p')
  (( ${version:-0} >= 9 ))
}
find_missing() {
  missing=()
  if ! wants sdk; then
    need g++ have g++
    need gcc have gcc
    need device-tree-compiler have dtc
    need libfdt-dev test -e /usr/include/libfdt.h
    need libtomlplusplus-dev test -e /usr/include/toml++/toml.h
    need libcli11-dev test -e /usr/include/CLI/CLI.hpp
  fi
  if [[ $cross == aarch64-linux-gnu- ]]; then
    need g++-aarch64-linux-gnu have aarch64-linux-gnu-g++
    need binutils-aarch64-linux-gnu have aarch64-linux-gnu-objcopy
  else
    have "${cross}g++" || stop "CROSS_COMPILE=$cross: there is no ${cross}g++ in the PATH"
  fi
  need picolibc-aarch64-linux-gnu test -d /usr/lib/picolibc/aarch64-linux-gnu/include
  need python3 have python3
  need qemu-system-arm qemu_is_new
  if wants uboot; then need u-boot-qemu test -e /usr/lib/u-boot/qemu_arm64/u-boot.bin; fi
  if wants raspi4b; then
    need u-boot-tools have mkimage
    need mtools have mformat
    need fdisk have sfdisk
  fi
  if wants test; then
    need libgtest-dev test -e /usr/include/gtest/gtest.h
    need libgmock-dev test -e /usr/include/gmock/gmock.h
  fi
  if wants model; then need spin have spin; fi
  if wants fuzz; then
    need clang have clang++
    need libclang-rt-dev has_fuzzer
  fi
  if wants debug || wants test; then need gdb-multiarch have gdb-multiarch; fi
}

# --- apt ---

id_of() { sed -n "s/^$1=//p" /etc/os-release 2>/dev/null | tr -d '"'; }
debian_or_stop() {
  if [[ $(id_of ID) != debian ]] || ! have apt-get; then
    stop "this is not Debian, so nothing can be installed from here. Needed (names of Debian's packages):" \
      "  $1" "QEMU has to be 9 or newer. Then run the same command again."
  fi
}
# The address of Debian's archive in the machine's own apt sources.
mirror() {
  local codename
  codename=$(id_of VERSION_CODENAME)
  # shellcheck disable=SC2016  # apt fills these in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v codename="$codename" '$3 == "main" && ($2 == codename || $2 == "stable" || $2 == "oldstable") { print $1; exit }'
}
keyring() {
  local file
  for file in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
    if [[ -e $file ]]; then printf 'signed-by=%s' "$file"; return; fi
  done
}
as_root=()
may_install() {
  if [[ $(id -u) == 0 ]]; then return 0; fi
  if have sudo && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then as_root=(sudo); return 0; fi
  return 1
}
logged() {
  if ! "$@" >>"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    stop "this failed: $*" "its output is in $log"
  fi
}
root() { logged "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@"; }
apt_install() { root apt-get install --yes --no-install-recommends "$@"; }

# Debian 12's own QEMU is 7.2; its backports have 10.
install_qemu() {
  local codename candidate file=/etc/apt/sources.list.d/granary-backports.list
  codename=$(id_of VERSION_CODENAME)
  candidate=$(apt-cache policy qemu-system-arm | sed -n 's/^ *Candidate: \([0-9]*:\)\?\([0-9]*\).*/\2/p')
  if (( ${candidate:-0} >= 9 )); then
    apt_install qemu-system-arm
    return
  fi
  # shellcheck disable=SC2016
  if ! apt-get indextargets --format '$(RELEASE)' | grep -qx "$codename-backports"; then
    say "adding the package source $codename-backports as $file (for QEMU 9 or newer)"
    printf 'deb [%s] %s %s-backports main\n' "$(keyring)" "$(mirror)" "$codename" | "${as_root[@]}" tee "$file" >/dev/null
    root apt-get update
  fi
  apt_install --target-release "$codename-backports" qemu-system-arm
}

install_missing() {
  debian_or_stop "${missing[*]}"
  if ! may_install; then
    stop "these Debian packages are missing, and this is neither root nor is there sudo:" "  ${missing[*]}" \
      "qemu-system-arm has to be 9 or newer (Debian 12: from bookworm-backports). Install them and run the same command again."
  fi
  make_packages
  say "installing with apt: ${missing[*]}"
  root apt-get update
  local plain=() package
  for package in "${missing[@]}"; do [[ $package == qemu-system-arm ]] || plain+=("$package"); done
  if (( ${#plain[@]} > 0 )); then apt_install "${plain[@]}"; fi
  if [[ " ${missing[*]} " == *" qemu-system-arm "* ]]; then install_qemu; fi
  local tried="${missing[*]}"
  find_missing
  if (( ${#missing[@]} > 0 )); then stop "apt installed $tried, but this is still not there: ${missing[*]}"; fi
}

# --- Files out of arm64 packages, into build/packages. A file that is there is taken as it is. ---

libfdt=$packages/arm64/usr/lib/aarch64-linux-gnu/libfdt.a
uboot=$packages/arm64/usr/lib/u-boot/rpi_4/u-boot.bin
dtb=$packages/raspi4b/bcm2711-rpi-4-b.dtb
firmware=$packages/raspi4b/firmware
firmware_note=$packages/raspi4b/no-firmware

private_apt() {  # an apt of its own: lists, cache and sources in build/packages/apt; installs nothing, needs no root
  local tool=$1 state=$packages/apt
  shift
  "$tool" -o Dir::State="$state/state" -o Dir::State::Lists="$state/lists" -o Dir::State::status=/dev/null \
    -o Dir::Cache="$state/cache" -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o APT::Architecture=arm64 \
    -o APT::Architectures=arm64 -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}
private_update() {
  if [[ -e $packages/apt/updated ]]; then return; fi
  local uri
  uri=$(mirror)
  if [[ -z $uri ]]; then stop "the machine's apt sources name no Debian archive with the component main for this release"; fi
  mkdir -p "$packages"/apt/{state,lists/partial,cache/archives/partial}
  printf 'deb [%s] %s %s main non-free-firmware\n' "$(keyring)" "$uri" "$(id_of VERSION_CODENAME)" >"$packages/apt/sources.list"
  say "reading the list of arm64 packages"
  logged private_apt apt-get update
  touch "$packages/apt/updated"
}
download() {  # download PACKAGE WHY: its path is then in $deb
  debian_or_stop "$1:arm64 ($2)"
  private_update
  rm -rf "$packages/download"
  mkdir -p "$packages/download"
  say "downloading $1:arm64 ($2)"
  (cd "$packages/download" && private_apt apt-get download "$1" >>"$log" 2>&1) || return 1
  deb=$(echo "$packages"/download/*.deb)
}
unpack_all() {  # the whole package into build/packages/arm64
  mkdir -p "$packages/arm64"
  logged dpkg-deb --extract "$deb" "$packages/arm64"
  rm -r "$packages/download"
}
unpack_some() {  # unpack_some FOLDER PATTERN...: the files that match, without their folders
  local folder=$1 pattern
  local fresh=$folder.fresh
  shift
  rm -rf "$fresh"
  mkdir -p "$fresh"
  for pattern in "$@"; do
    dpkg-deb --fsys-tarfile "$deb" |
      tar --extract --directory "$fresh" --wildcards --transform 's,.*/,,' "$pattern" >>"$log" 2>&1 || return 1
  done
  rm -r "$packages/download"
  mkdir -p "$folder"
  mv "$fresh"/* "$folder/"
  rmdir "$fresh"
}

# The firmware runs before everything else on the board: only what was looked at is taken.
firmware_is_known() {
  local file
  for file in start4.elf fixup4.dat; do
    if ! grep -q "^$(sha256sum <"$firmware/$file" | cut -d ' ' -f 1)  $file " tools/firmware.sha256; then
      rm -r "$firmware"
      return 1
    fi
  done
}

fetch_missing() {
  exec 9>"$packages/lock"
  flock 9
  if ! wants sdk && [[ ! -e $libfdt ]]; then
    download libfdt-dev "the device tree library for the kernel" || stop "it could not be downloaded; see $log"
    unpack_all
  fi
  if wants raspi4b && [[ ! -e $uboot ]]; then
    download u-boot-rpi "U-Boot for the Raspberry Pi 4" || stop "it could not be downloaded; see $log"
    unpack_all
  fi
  if wants raspi4b && [[ ! -e $dtb ]]; then
    private_update
    local kernel
    kernel=$(private_apt apt-cache depends linux-image-arm64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -n 1)
    if [[ -z $kernel ]]; then stop "linux-image-arm64 names no kernel package"; fi
    download "$kernel" "about 70 MB, only for the board's device tree" || stop "it could not be downloaded; see $log"
    unpack_some "$packages/raspi4b" '*/broadcom/bcm2711-rpi-4-b.dtb' || stop "$kernel holds no bcm2711-rpi-4-b.dtb; see $log"
  fi
  if wants sdcard && [[ ! -e $firmware/start4.elf && ! -e $firmware_note ]]; then
    if download raspi-firmware "Broadcom's start-up firmware of the board, non-free, for the SD card" &&
      unpack_some "$firmware" '*/start4.elf' '*/fixup4.dat' '*/doc/raspi-firmware/copyright'; then
      firmware_is_known || stop "start4.elf and fixup4.dat of the package are none of those that tools/firmware.sha256 lists:" \
        "they have been thrown away. If Debian has a new version, add its lines there."
    else
      rm -rf "$packages/download"
      touch "$firmware_note"
      say "there is no raspi-firmware to be had; the SD card image will lack start4.elf and fixup4.dat"
    fi
  fi
}
something_to_fetch() {
  { ! wants sdk && [[ ! -e $libfdt ]]; } || { wants raspi4b && [[ ! -e $uboot || ! -e $dtb ]]; } ||
    { wants sdcard && [[ ! -e $firmware/start4.elf && ! -e $firmware_note ]]; }
}

find_missing
if (( ${#missing[@]} > 0 )); then install_missing; fi
if something_to_fetch; then
  make_packages
  fetch_missing
fi
