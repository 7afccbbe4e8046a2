// SPDX-License-Identifier: Apache-2.0
//
// Memory-mapped registers as typed members of a register block: ReadOnly, WriteOnly, ReadWrite, and Reserved for the
// gaps. A block is never an object of its own; it is a layout, used through Registers<Block, Io>, which holds the
// block's address and does each access by Io. HardwareIo is one volatile access of exactly the register's width; host
// tests give a scripted Io. Direction is checked by the compiler: writing a ReadOnly register does not compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace hal {

template <typename Value>
struct ReadOnly {
  using ValueType = Value;
  static constexpr bool kReadable = true, kWritable = false;
  Value raw;
};
template <typename Value>
struct WriteOnly {
  using ValueType = Value;
  static constexpr bool kReadable = false, kWritable = true;
  Value raw;
};
template <typename Value>
struct ReadWrite {
  using ValueType = Value;
  static constexpr bool kReadable = true, kWritable = true;
  Value raw;
};
template <std::size_t kBytes>
struct Reserved {
  unsigned char raw[kBytes];
};

/// The real thing. Device-nGnRE memory keeps accesses to one device in order; nothing else is ordered here.
struct HardwareIo {
  template <typename Value>
  static Value read(std::uint64_t address) {
    // SAFETY: `address` lies in a device mapping that hal::stage1::map_device made for the block, naturally aligned
    // because blocks are page-aligned structs; volatile makes it one access of this width.
    return *reinterpret_cast<const volatile Value*>(address);
  }
  template <typename Value>
  static void write(std::uint64_t address, Value value) {
    // SAFETY: as for read.
    *reinterpret_cast<volatile Value*>(address) = value;
  }
};

/// A register block at `base`. Io may carry state (a mock); HardwareIo is empty and costs nothing.
template <typename Block, typename Io = HardwareIo>
class Registers {
 public:
  constexpr Registers() = default;
  constexpr explicit Registers(std::uint64_t base, Io io = Io()) : base_(base), io_(io) {}
  constexpr std::uint64_t base() const { return base_; }

  /// registers.read(&Block::status)
  template <typename Register>
  typename Register::ValueType read(Register Block::*member) const {
    static_assert(Register::kReadable, "this register cannot be read");
    return io_.template read<typename Register::ValueType>(base_ + offset_of(member));
  }
  template <typename Register>
  void write(Register Block::*member, typename Register::ValueType value) const {
    static_assert(Register::kWritable, "this register cannot be written");
    io_.template write<typename Register::ValueType>(base_ + offset_of(member), value);
  }
  /// Arrays of registers: registers.read(&Block::enable, 3). The index is the caller's to keep inside the array.
  template <typename Register, std::size_t kCount>
  typename Register::ValueType read(Register (Block::*member)[kCount], std::size_t index) const {
    static_assert(Register::kReadable, "this register cannot be read");
    return io_.template read<typename Register::ValueType>(base_ + offset_of(member) + index * sizeof(Register));
  }
  template <typename Register, std::size_t kCount>
  void write(Register (Block::*member)[kCount], std::size_t index, typename Register::ValueType value) const {
    static_assert(Register::kWritable, "this register cannot be written");
    io_.template write<typename Register::ValueType>(base_ + offset_of(member) + index * sizeof(Register), value);
  }

 private:
  template <typename Member>
  static std::uint64_t offset_of(Member Block::*member) {
    // The C++ ABI of AArch64 and x86-64 (Itanium, 2.3): a pointer to a data member is its offset, a ptrdiff_t.
    static_assert(std::is_standard_layout_v<Block> && sizeof member == sizeof(std::ptrdiff_t));
    return static_cast<std::uint64_t>(__builtin_bit_cast(std::ptrdiff_t, member));
  }

  std::uint64_t base_ = 0;
  [[no_unique_address]] Io io_{};
};

}  // namespace hal
