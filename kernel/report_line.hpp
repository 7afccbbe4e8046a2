// SPDX-License-Identifier: Apache-2.0
//
// ReportLine: one line of the kernel's on the console, put together piece by piece; it ends with its scope.
#pragma once

#include <string_view>

#include "kernel/base/format.hpp"
#include "kernel/console.hpp"

namespace kernel {

struct ReportLine {
  ReportLine() { write("granary: "); }
  /// Of several lines about a silo that others may come between: each names it.
  explicit ReportLine(std::string_view silo) { add("granary: silo {}: ", silo); }
  ~ReportLine() { write("\n"); }
  ReportLine(const ReportLine&) = delete;
  ReportLine& operator=(const ReportLine&) = delete;

  void write(std::string_view text) { console_write(text); }
  template <typename... Arguments>
  void add(std::string_view text, const Arguments&... arguments) {
    base::format(*this, text, arguments...);
  }
};

}  // namespace kernel
