// SPDX-License-Identifier: Apache-2.0
//
// See cores.hpp. Written at boot, before the second core starts.
#include "kernel/cores.hpp"

#include <bit>
#include <new>

#include "kernel/core.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/shared_section.hpp"

namespace kernel {

namespace {

constinit Core cores[kCoresMaximum];
constinit std::uint64_t running = 1;

}  // namespace

Core& core_of(base::CoreId id) { return cores[id.value()]; }
Core& this_core() { return cores[port::current_core().value()]; }

bool Core::is_this_core() const { return id() == port::current_core(); }

void reset_cores(std::uint64_t which) {
  running = which;
  SharedSection::set_cores(several_cores_run() ? static_cast<std::uint32_t>(std::bit_width(which)) : 1);
  for (std::uint32_t id = 0; id < kCoresMaximum; ++id) {
    ::new (&cores[id]) Core;
    cores[id].id_ = base::CoreId(id);
  }
}

bool core_runs(base::CoreId id) { return id.value() < kCoresMaximum && ((running >> id.value()) & 1) != 0; }
bool several_cores_run() { return (running & (running - 1)) != 0; }

bool every_core_is_idle() {
  for (std::uint64_t rest = running; rest != 0; rest &= rest - 1) {
    if (!cores[std::countr_zero(rest)].is_idle()) return false;
  }
  return true;
}

void signal_other_cores() {
  for (Core& core : cores) {
    if (core_runs(core.id())) core.signal();
  }
}

}  // namespace kernel
