// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing of the message registers. Words 0-3 are X3-X6, words 4-7 are X9-X12, in both directions.
#include "kernel/message_registers.hpp"

namespace kernel {

namespace {

/// The register of each message word.
constexpr unsigned kWordRegister[abi::kMessageWords] = {3, 4, 5, 6, 9, 10, 11, 12};
constexpr unsigned kRegisterWords = 4;  ///< words that a message always has

static_assert(sizeof(Arguments::ConsoleText::byte) == sizeof(ipc::Message::word));
static_assert(abi::kWaitAnyMaximum == abi::kMessageWords);

}  // namespace

base::Result<ipc::Message> Arguments::message() const {
  const std::uint64_t flags = context_.general[2];
  if ((flags & ~abi::kFlagsFromUser) != 0) return base::Error::EINVAL;
  const unsigned words = (flags & abi::kFlagEightWords) != 0 ? abi::kMessageWords : kRegisterWords;
  ipc::Message message = {};
  message.opcode = context_.general[1];
  message.flags = flags;
  for (unsigned i = 0; i < words; ++i) message.word[i] = context_.general[kWordRegister[i]];
  return message;
}

base::Result<std::uint32_t> Arguments::batch_count() const {
  const std::uint64_t count = context_.general[3];
  if (count == 0 || count > abi::kBatchMaximum) return base::Error::EINVAL;
  return static_cast<std::uint32_t>(count);
}

base::Result<Arguments::WaitSet> Arguments::wait_set() const {
  constexpr std::uint64_t kLowBits = (std::uint64_t{1} << abi::kHandleIndexShift) - 1;
  constexpr std::uint64_t kEvents =
      static_cast<std::uint64_t>(abi::Event::Readable) | static_cast<std::uint64_t>(abi::Event::Writable);
  const std::uint64_t count = context_.general[1];
  if (count == 0 || count > abi::kWaitAnyMaximum) return base::Error::EINVAL;
  WaitSet set = {};
  set.count = static_cast<std::uint32_t>(count);
  for (unsigned i = 0; i < set.count; ++i) {
    const std::uint64_t word = context_.general[kWordRegister[i]];
    const std::uint64_t events = word & kLowBits;
    if (events == 0 || (events & ~kEvents) != 0) return base::Error::EINVAL;
    set.place[i] = {word & ~kLowBits, events};
  }
  return set;
}

base::Result<Arguments::ConsoleText> Arguments::console_text() const {
  if (context_.general[1] > abi::kConsoleBytesMaximum) return base::Error::EINVAL;
  ConsoleText text = all_words();
  text.length = static_cast<std::uint32_t>(context_.general[1]);
  for (unsigned i = text.length; i < abi::kConsoleBytesMaximum; ++i) text.byte[i] = 0;
  return text;
}

Arguments::ConsoleText Arguments::all_words() const {
  ConsoleText text = {};
  text.length = abi::kConsoleBytesMaximum;
  for (unsigned i = 0; i < text.length; ++i) {
    const std::uint64_t word = context_.general[kWordRegister[i / 8]];
    text.byte[i] = static_cast<char>(static_cast<unsigned char>(word >> (8 * (i % 8))));
  }
  return text;
}

base::Result<NameArgument> NameArgument::parse(const Arguments::ConsoleText& bytes) {
  constexpr std::uint32_t kNameBytes = abi::kNameLengthMaximum + 1;
  NameArgument name;
  while (name.length_ < kNameBytes && bytes.byte[name.length_] != 0) {
    const char character = bytes.byte[name.length_];
    if (name.length_ == abi::kNameLengthMaximum || character <= ' ' || character > '~') return base::Error::EINVAL;
    name.text_[name.length_++] = character;
  }
  if (name.length_ == 0) return base::Error::EINVAL;
  for (std::uint32_t i = name.length_; i < bytes.length; ++i) {
    const bool is_contract = i >= kNameBytes && i < kNameBytes + sizeof name.contract_;
    const auto byte = static_cast<unsigned char>(bytes.byte[i]);
    if (is_contract) name.contract_ |= std::uint64_t{byte} << (8 * (i - kNameBytes));
    if (!is_contract && byte != 0) return base::Error::EINVAL;
  }
  return name;
}

void Results::succeed(std::uint64_t word0, std::uint64_t word1, std::uint64_t word2, std::uint64_t word3) {
  write(0, ipc::Delivery{
               .message = {.opcode = 0, .flags = 0, .word = {word0, word1, word2, word3}}, .badge = 0, .token = 0});
}

void Results::succeed(const Values& values, std::uint64_t opcode) {
  ipc::Delivery delivery = {};
  delivery.message.opcode = opcode;
  delivery.message.flags = abi::kFlagEightWords;
  for (unsigned i = 0; i < abi::kMessageWords; ++i) delivery.message.word[i] = values.word[i];
  write(0, delivery);
}

void Results::finish(const ipc::Completion& completion) {
  if (!completion.status.ok()) {
    fail(completion.status.error());
  } else {
    write(0, completion.delivery);
  }
}

void Results::write(std::uint64_t status, const ipc::Delivery& delivery) {
  std::uint64_t* const general = context_.general;
  general[0] = status;
  general[1] = delivery.message.opcode;
  general[2] = delivery.message.flags;
  general[7] = delivery.badge;
  general[8] = delivery.token;
  for (unsigned i = 0; i < abi::kMessageWords; ++i) general[kWordRegister[i]] = delivery.message.word[i];
  general[13] = 0;
  general[14] = delivery.label;
  for (unsigned i = 15; i <= 18; ++i) general[i] = 0;
  context_.processor_state = 0;  // NZCV; the rest of it is never the silo's (port/thread_context.h)
}

}  // namespace kernel
