// SPDX-License-Identifier: Apache-2.0
//
// The I/O of a device driver under test (the parameter of hal::Registers): every access is recorded; a read gives what
// a script prepared for that address, else what was written there last, else 0.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace fakes {

struct IoAccess {
  bool is_write;
  unsigned bytes;
  std::uint64_t address;
  std::uint64_t value;
  bool operator==(const IoAccess&) const = default;
};

class IoScript {
 public:
  std::vector<IoAccess> accesses;
  /// Read next from `address`, once; several queue up.
  void answer(std::uint64_t address, std::uint64_t value) { once_[address].push_back(value); }
  /// What `address` reads when no single answer is left.
  void set(std::uint64_t address, std::uint64_t value) { memory_[address] = value; }

  std::uint64_t read(std::uint64_t address, unsigned bytes) {
    std::uint64_t value = memory_[address];
    if (!once_[address].empty()) {
      value = once_[address].front();
      once_[address].pop_front();
    }
    accesses.push_back({false, bytes, address, value});
    return value;
  }
  void write(std::uint64_t address, unsigned bytes, std::uint64_t value) {
    memory_[address] = value;
    accesses.push_back({true, bytes, address, value});
  }
  /// Values written to `address`, in order.
  std::vector<std::uint64_t> written(std::uint64_t address) const {
    std::vector<std::uint64_t> values;
    for (const IoAccess& access : accesses) {
      if (access.is_write && access.address == address) values.push_back(access.value);
    }
    return values;
  }

 private:
  std::map<std::uint64_t, std::uint64_t> memory_;
  std::map<std::uint64_t, std::deque<std::uint64_t>> once_;
};

/// What a driver is instantiated with.
struct ScriptedIo {
  IoScript* script;
  template <typename Value>
  Value read(std::uint64_t address) const {
    return static_cast<Value>(script->read(address, sizeof(Value)));
  }
  template <typename Value>
  void write(std::uint64_t address, Value value) const {
    script->write(address, sizeof(Value), value);
  }
};

}  // namespace fakes
