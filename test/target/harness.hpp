// SPDX-License-Identifier: Apache-2.0
//
// A guest test kernel: start.S, the boot steps and hal of the product, and instead of kernel/ a test that drives EL0 as
// a subroutine. Each program under test/target defines target::run_test; the harness owns boot_main, the functions of
// kernel/port/entry.hpp, and the counts of checks.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/base/address.hpp"
#include "kernel/base/format.hpp"
#include "kernel/console.hpp"
#include "kernel/port/fault.hpp"
#include "kernel/port/stage2.hpp"
#include "kernel/port/thread_context.h"

namespace target {

/// One line "ok N - text" or "not ok N - text"; returns `good`.
bool check(bool good, std::string_view text);
/// The same, and what was found and wanted if they differ.
bool check_equal(std::uint64_t found, std::uint64_t wanted, std::string_view text);

/// A line that starts with "# ".
template <typename... Arguments>
void remark(std::string_view text, const Arguments&... arguments) {
  struct Sink {
    void write(std::string_view piece) { kernel::console_write(piece); }
  } sink;
  sink.write("# ");
  base::format(sink, text, arguments...);
  sink.write("\n");
}

enum class ExitKind : std::uint8_t { SystemCall, Fault, Interrupt, FloatingPoint, WaitInstruction };

struct Exit {
  ExitKind kind;
  port::FaultReport fault;  ///< if kind is Fault
  std::uint64_t syndrome;   ///< ESR_EL2
  port::ThreadContext* context;
};

/// How many exits came through the traced table (port::use_traced_entries).
extern constinit std::uint32_t traced_exits;

/// Resumes `context` at EL0 by hal's own way out, and returns at the next exit from EL0, taken by hal's own way in.
Exit run(port::ThreadContext& context);

/// Fresh context that runs in `translation_base`.
void prepare(port::ThreadContext& context, std::uint64_t translation_base, std::uint64_t program_counter,
             std::uint64_t stack_pointer);

/// Memory of the test: zeroed pages, contiguous, mapped read-write at EL2, never given back.
struct Page {
  std::uint64_t* words;
  base::PhysicalAddress physical;
};
Page take_page();
/// Physical address of something in the kernel image, for mapping EL0 programs that are linked into it.
base::PhysicalAddress physical_address_of(const void* in_image);

/// An address space by kernel/port/stage2.hpp alone: root, one level-2 and one level-3 table, so silo addresses below 2
/// MiB.
class Space {
 public:
  /// Takes three pages the first time; a space that was released reuses them, zeroed.
  void create(std::uint32_t vmid);
  void map(std::uint64_t address, base::PhysicalAddress memory, port::Access access);
  void unmap(std::uint64_t address);
  std::uint64_t translation_base() const;
  /// Design 2.3's end of a space: after this the VMID and the tables are free.
  void destroy();

 private:
  Page root_{}, level2_{}, level3_{};
  std::uint32_t vmid_ = 0;
};

/// The value of `test=` in the boot arguments, empty if there is none.
std::string_view variant();

/// Defined by the test program. When it returns, the harness prints the verdict and ends the machine.
void run_test();

}  // namespace target
