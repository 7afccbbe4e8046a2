// SPDX-License-Identifier: Apache-2.0
//
// The two parties as their warden sees them: by the board, and as an operator.
#pragma once

#include <string_view>

#include "board.hpp"
#include "handles.hpp"

namespace sweep {

inline constexpr Party kParties[] = {Party::Server, Party::Client};

// SAFETY: the region is a page, the kernel zeroes it once, and all who map it agree on what it is.
inline Board& board = *reinterpret_cast<Board*>(handles::board.map(read_write).value().data());
inline std::uint32_t numbers[2] = {};
inline std::uint32_t cores[2] = {};
inline std::uint32_t own_core = 0;  ///< the warden's
/// So that nothing happens between a look of the warden's and its stop.
inline bool is_one_core() { return cores[0] == cores[1]; }

inline Part& part_of(Party party) { return board.part[static_cast<unsigned>(party)]; }
inline std::uint32_t number_of(Party party) { return numbers[static_cast<unsigned>(party)]; }
inline void sleep_ticks(std::uint64_t ticks) { granary_sleep_until(detail::counter_now() + ticks); }

inline void find_parties() {
  handles::system
      .each_silo([](const abi::SiloRecord& silo) {
        if (std::string_view(silo.name) == "warden") own_core = silo.core;
        const bool is_client = std::string_view(silo.name) == "client";
        if (!is_client && std::string_view(silo.name) != "server") return;
        numbers[is_client ? 1 : 0] = silo.silo;
        cores[is_client ? 1 : 0] = silo.core;
      })
      .value();
}

struct Counts {
  ObjectCounts system;
  std::uint64_t capabilities[2], pages[2];
};
inline Counts count() {
  Counts counts = {handles::system.objects().value(), {}, {}};
  handles::system
      .each_silo([&](const abi::SiloRecord& silo) {
        for (const Party party : kParties) {
          if (silo.silo != number_of(party)) continue;
          counts.capabilities[static_cast<unsigned>(party)] = silo.capabilities;
          counts.pages[static_cast<unsigned>(party)] = silo.pages;
        }
      })
      .value();
  return counts;
}
inline bool is_up(Party party) {
  bool is_up = false;
  handles::system
      .each_silo([&](const abi::SiloRecord& silo) {
        const auto state = static_cast<abi::SiloState>(silo.state);
        if (silo.silo == number_of(party)) is_up = state == abi::SiloState::Ready || state == abi::SiloState::Running;
      })
      .value();
  return is_up;
}

/// What a party waits for.
struct Wait {
  abi::ThreadWait kind = abi::ThreadWait::Nothing;
  bool is_for_peer = false;  ///< something that its peer alone does
  std::uint64_t steps = 0;   ///< of its script, until then
  std::uint64_t taken = 0, answered = 0;
  std::uint64_t cpu_time = 0;  ///< ticks, of its main thread in this life
};
inline Wait wait_of(Party party) {
  Wait wait;
  wait.steps = part_of(party).steps.load();
  wait.taken = part_of(party).taken.load();
  wait.answered = part_of(party).answered.load();
  handles::system
      .each_thread([&](const abi::ObservedThread& thread) {
        if (thread.silo != number_of(party) || thread.thread != 0) return;
        wait.kind = static_cast<abi::ThreadWait>(thread.wait);
        wait.cpu_time = thread.cpu_time;
      })
      .value();
  switch (wait.kind) {
    case abi::ThreadWait::PortRoom:
    case abi::ThreadWait::PortCall:
    case abi::ThreadWait::Reply:
    case abi::ThreadWait::ChannelRoom:
    case abi::ThreadWait::ChannelMessage:
    case abi::ThreadWait::Event: wait.is_for_peer = part_of(party).state.load() == State::Busy; break;
    default: break;
  }
  return wait;
}
/// Of `wait`, just seen: the party does not go on while the warden looks, by itself or by the kernel's work for it.
inline bool is_still(Party party, const Wait& wait) {
  if (cores[static_cast<unsigned>(party)] == own_core) return true;
  return wait.kind != abi::ThreadWait::Nothing && wait.kind != abi::ThreadWait::Kernel;
}

}  // namespace sweep
