// SPDX-License-Identifier: Apache-2.0
//
// Tests of systems (`granary test`): a file of expectations about what a system prints and how it ends. Reading and
// judging are here and know no machine; running one is the command's business.
//
//   [test.the_window_opens]
//   expect = ['\[window\] open 30 %']     # lines that match, in this order
//   forbid = ['^granary: silo .* stopped']
//   verdict = "passed"                    # passed (if nothing is said), failed, or any
//   replace = { thermometer = "window_test.cpp" }   # its own program in the place of a silo: it gives the verdict
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// A test's own program in the place of a silo; the first of them gives the verdict.
struct Replacement {
  Reference silo{};
  std::string program{};  ///< relative to the manifest, as programs are
};

struct SystemTest {
  std::string name{};
  std::string system = "system.toml";  ///< relative to the file of tests
  std::vector<Replacement> replace{};
  std::vector<std::string> boards{};
  std::vector<Reference> expect{};
  std::vector<Reference> forbid{};
  bool any_order = false;
  std::string verdict = "passed";
  unsigned cores = 0;  ///< of virt; 0: as many as the manifest names
  unsigned seconds = 60;
};

std::vector<SystemTest> read_system_tests(const std::filesystem::path& file, Diagnostics& diagnostics);

/// Those with `only` in their names; refused if there is none.
std::vector<SystemTest> chosen(const std::vector<SystemTest>& tests, const std::string& only,
                               const std::filesystem::path& file, Diagnostics& diagnostics);

/// The manifest that the test runs: its system's, or a copy with what it replaces, below build/tests.
std::filesystem::path write_test_system(const SystemTest& test, const std::filesystem::path& folder,
                                        Diagnostics& diagnostics);

/// What is wrong with a run, a sentence each; empty if the test is passed. `status` is run_qemu.py's.
std::vector<std::string> judge(const SystemTest& test, const std::vector<std::string>& lines, int status);

}  // namespace tool
