// SPDX-License-Identifier: Apache-2.0
//
// The register layout of system calls (design 6): Arguments reads what a silo put into its registers, Results writes
// what it finds there afterwards. The only code that touches ThreadContext::general (style rule 33); what each register
// means is said here once.
//
// INVARIANT: after a Results function every register that carries no result is zero: X1-X18 and NZCV. X19-X30, the
// stack pointer and the
//            thread pointer are the thread's own and stay.
// INVARIANT: a word of a message that its flags do not announce is zero, whatever the register held.
#pragma once

#include <cstdint>
#include <string_view>

#include "ipc/abi/abi.hpp"
#include "ipc/party.hpp"
#include "kernel/base/address.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"
#include "kernel/port/thread_context.h"

namespace kernel {

/// What a call carries. Every value is an allegation of the silo; the types say which are checked.
class Arguments {
 public:
  explicit Arguments(const port::ThreadContext& context) : context_(context) {}

  std::uint64_t number() const { return context_.general[8]; }
  std::uint64_t handle() const { return context_.general[0]; }
  base::Ticks deadline() const { return base::Ticks(context_.general[7]); }
  std::uint64_t reply_token() const { return context_.general[13]; }
  /// EINVAL if X2 has a bit that a silo may not set.
  base::Result<ipc::Message> message() const;

  /// Whether message() would have no more than words: then write_plain() writes it.
  bool is_plain() const { return context_.general[2] <= abi::kFlagEightWords; }
  void write_plain(ipc::Message& message) const {
    // All is read before anything is written, so that the compiler may do it by pairs.
    const std::uint64_t* const general = context_.general;
    const std::uint64_t opcode = general[1], flags = general[2];
    const std::uint64_t word0 = general[3], word1 = general[4], word2 = general[5], word3 = general[6];
    std::uint64_t word4 = 0, word5 = 0, word6 = 0, word7 = 0;
    if (flags != 0) word4 = general[9], word5 = general[10], word6 = general[11], word7 = general[12];
    message = ipc::Message{.opcode = opcode,
                           .flags = flags,
                           .word = {word0, word1, word2, word3, word4, word5, word6, word7},
                           .attachment = nullptr};
  }

  std::uint64_t console_position() const { return context_.general[3]; }
  std::uint64_t observed_cursor() const { return context_.general[3]; }  ///< of silos and threads
  std::uint64_t observed_silo() const { return context_.general[3]; }    ///< to be looked into, or stopped
  std::uint64_t wanted_image() const { return context_.general[4]; }
  std::uint64_t capability_cursor() const { return context_.general[4]; }  ///< in that silo's table
  std::uint64_t which_time() const { return context_.general[3]; }         ///< abi::CallTime
  std::uint64_t first_bucket() const { return context_.general[4]; }
  std::uint64_t trace_state() const { return context_.general[3]; }  ///< 1 on, 0 off
  std::uint64_t trace_core() const { return context_.general[3]; }
  /// Of a call that is over, what its thread finds in X0.
  std::uint64_t status() const { return context_.general[0]; }

  std::uint64_t exit_status() const { return context_.general[1]; }
  std::uint64_t verdict() const { return context_.general[1]; }
  std::uint64_t contract() const { return context_.general[3]; }
  std::uint64_t rights_to_keep() const { return context_.general[3]; }
  std::uint64_t target_silo() const { return context_.general[3]; }
  std::uint64_t rights_to_give() const { return context_.general[4]; }
  std::uint64_t classes_to_keep() const { return context_.general[1]; }
  std::uint64_t channel_capacity() const { return context_.general[3]; }
  /// How many messages a batch has at most. EINVAL if not 1 to abi::kBatchMaximum.
  base::Result<std::uint32_t> batch_count() const;

  std::uint64_t signalled_bits() const { return context_.general[3]; }
  std::uint64_t awaited_bits() const { return context_.general[3]; }
  std::uint64_t initial_count() const { return context_.general[3]; }
  base::Ticks first_expiry() const { return base::Ticks(context_.general[3]); }
  std::uint64_t timer_period() const { return context_.general[4]; }
  /// Handle of the notification of a timer or a binding, and the bits that these set.
  std::uint64_t notification() const { return context_.general[3]; }
  std::uint64_t bits() const { return context_.general[4]; }
  std::uint64_t bound_events() const { return context_.general[5]; }

  /// What WAIT_ANY waits for.
  struct WaitSet {
    struct Place {
      std::uint64_t handle;
      std::uint64_t events;  ///< abi::Event bits, at least one
    };
    Place place[abi::kWaitAnyMaximum];
    std::uint32_t count;
  };
  /// EINVAL if X1 is not 1 to abi::kWaitAnyMaximum, or a place asks for no event or for one that does not exist.
  base::Result<WaitSet> wait_set() const;
  std::uint64_t region_pages() const { return context_.general[3]; }
  std::uint64_t region_page() const { return context_.general[3]; }
  base::SiloAddress device_address() const { return base::SiloAddress(context_.general[3]); }
  std::uint64_t region_access() const { return context_.general[3]; }
  base::SiloAddress region_address() const { return base::SiloAddress(context_.general[3]); }

  /// Bytes to print, of which X1 says how many count.
  struct ConsoleText {
    char byte[abi::kConsoleBytesMaximum];
    std::uint32_t length;
  };
  /// EINVAL if more than abi::kConsoleBytesMaximum.
  base::Result<ConsoleText> console_text() const;
  /// All bytes of the eight words.
  ConsoleText all_words() const;

 private:
  const port::ThreadContext& context_;
};

/// A name as a call brings it, with the contract that the caller speaks behind it (0: none).
class NameArgument {
 public:
  /// EINVAL if it is empty, longer than abi::kNameLengthMaximum, not printable, or has anything behind its end but the
  /// contract in the word after the name's.
  static base::Result<NameArgument> parse(const Arguments::ConsoleText& bytes);
  std::string_view view() const { return {text_, length_}; }
  std::uint64_t contract() const { return contract_; }

 private:
  template <typename T>
  friend class base::Result;
  constexpr NameArgument() = default;
  char text_[abi::kNameLengthMaximum + 1] = {};
  std::uint32_t length_ = 0;
  std::uint64_t contract_ = 0;
};

/// Up to eight results of a call that delivers no message: X3-X6, then X9-X12.
struct Values {
  std::uint64_t word[abi::kMessageWords] = {};
};

class Results {
 public:
  explicit Results(port::ThreadContext& context) : context_(context) {}

  /// Success without results.
  void succeed() { write(0, {}); }
  /// Results in words 0-3 alone.
  void succeed(std::uint64_t word0, std::uint64_t word1 = 0, std::uint64_t word2 = 0, std::uint64_t word3 = 0);
  /// Results in all eight words; X2 says so, as for a message of eight words. X1 is the opcode.
  void succeed(const Values& values, std::uint64_t opcode = 0);
  void fail(base::Error error) { write(base::to_status(error), {}); }
  /// succeed(), and a message that has come, in place.
  void succeed_at_once() {
#pragma GCC unroll 19
    for (unsigned i = 0; i <= kLastScratch; ++i) context_.general[i] = 0;
    context_.processor_state = 0;
  }
  void succeed_at_once(std::uint64_t word0) {
    succeed_at_once();
    context_.general[3] = word0;
  }
  void deliver_at_once(const ipc::Message& message, std::uint64_t badge, std::uint64_t label) {
    const std::uint64_t opcode = message.opcode, flags = message.flags;
    const std::uint64_t word0 = message.word[0], word1 = message.word[1], word2 = message.word[2],
                        word3 = message.word[3], word4 = message.word[4], word5 = message.word[5],
                        word6 = message.word[6], word7 = message.word[7];
    std::uint64_t* const general = context_.general;
    general[0] = 0;
    general[1] = opcode;
    general[2] = flags;
    general[3] = word0;
    general[4] = word1;
    general[5] = word2;
    general[6] = word3;
    general[7] = badge;
    general[8] = 0;
    general[9] = word4;
    general[10] = word5;
    general[11] = word6;
    general[12] = word7;
    general[13] = 0;
    general[14] = label;
#pragma GCC unroll 4
    for (unsigned i = 15; i <= kLastScratch; ++i) general[i] = 0;
    context_.processor_state = 0;
  }
  /// The end of an IPC operation: the message that it brought, or none, or the error.
  void finish(const ipc::Completion& completion);

 private:
  static constexpr unsigned kLastScratch = 18;
  void write(std::uint64_t status, const ipc::Delivery& delivery);
  port::ThreadContext& context_;
};

}  // namespace kernel
