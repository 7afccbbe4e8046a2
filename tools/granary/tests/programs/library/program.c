// SPDX-License-Identifier: Apache-2.0
//
// A source file for sample manifests to name; it is never compiled.
