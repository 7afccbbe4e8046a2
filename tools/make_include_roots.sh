#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the include roots of the layers: make_include_roots.sh ROOT "LAYER=FOLDER FOLDER ..." ...
# ROOT/LAYER/FOLDER becomes a relative link to FOLDER of this source tree; what was in ROOT/LAYER before is removed.
set -euo pipefail

root=$1
shift
top=$(cd "$(dirname "$0")/.." && pwd)
for layer in "$@"; do
  name=${layer%%=*}
  rm -rf "${root:?}/$name"
  for folder in ${layer#*=}; do
    mkdir -p "$root/$name/$(dirname "$folder")"
    ln -s "$(realpath --relative-to="$root/$name/$(dirname "$folder")" "$top")/$folder" "$root/$name/$folder"
  done
done
