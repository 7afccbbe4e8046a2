// SPDX-License-Identifier: Apache-2.0
//
// The firmware of a Raspberry Pi 4 as a silo: it answers what property.hpp lists, all of it without effect. The mailbox
// carries the address of a buffer, as the VideoCore sees memory: the first GiB, uncached, from 0xc0000000 on.
//
// The VideoCore is not coherent with the caches of the cores, and a silo cannot clean them: so on a board this
// driver gets no answers (NoAnswer). QEMU's firmware sees what the cores see.
//
// Manifest: an interrupt `mailbox_interrupt` and a device `mailbox_registers`, a region `mailbox_memory` with `dma` of
// 4 KiB, a port `board` that is received from; quota = { notifications = 1, mapped_pages = 1 }.
#include <cstdio>

#include "dma_barrier.hpp"
#include "dma_memory.hpp"
#include "handles.hpp"
#include "property.hpp"

using namespace granary;
using namespace std::chrono_literals;
using namespace drivers;

namespace {

constexpr std::uint64_t kInterrupt = 1;
constexpr auto kPatience = 100ms;
constexpr std::uint64_t kRead = 0x00, kReadStatus = 0x18, kConfiguration = 0x1c, kWrite = 0x20, kWriteStatus = 0x38;
constexpr std::uint32_t kFull = 1u << 31, kEmpty = 1u << 30, kInterruptOn = 1, kChannel = 8;
constexpr int kMostLetters = 8;
constexpr std::uint64_t kReach = 0x40000000;
constexpr std::uint32_t kAlias = 0xc0000000;

class Mailbox {
 public:
  Mailbox(const DeviceInfo& device, const DmaMemory& memory, const Notification& events)
      : registers_(device.registers),
        buffer_(reinterpret_cast<volatile std::uint32_t*>(memory.bytes.data()), Property::kBufferWords),
        address_(static_cast<std::uint32_t>(memory.physical) | kAlias),
        events_(events) {
    word(kConfiguration) = kInterruptOn;
  }

  std::optional<std::uint32_t> ask(const PropertyQuestion& question) {
    const Deadline latest = until(Clock::now() + kPatience);
    take_letters();  // late answers to earlier questions
    if ((word(kWriteStatus) & kFull) != 0) return std::nullopt;
    Property::ask(buffer_, question.tag, question.word);
    dma_barrier();  // the question is there before its address is
    word(kWrite) = address_ | kChannel;
    while (!take_letters()) {
      if (!events_.wait(kInterrupt, latest)) return std::nullopt;
    }
    dma_barrier();  // and the answer is read after its address
    const auto answer = Property::answer(buffer_, question.tag, question.place + 1);
    if (!answer) return std::nullopt;
    return (*answer)[question.place];
  }

 private:
  /// Whether the answer is among what lies in the mailbox. Reading takes it out, which quietens the interrupt. No more
  /// than it can hold: one that says for ever that there is something must not keep us.
  bool take_letters() {
    bool is_among = false;
    for (int i = 0; i < kMostLetters && (word(kReadStatus) & kEmpty) == 0; ++i) {
      const std::uint32_t letter = word(kRead);
      is_among |= letter == (address_ | kChannel);
    }
    return is_among;
  }
  volatile std::uint32_t& word(std::uint64_t offset) const { return Device::word_at(registers_ + offset); }

  std::uint64_t registers_;
  std::span<volatile std::uint32_t, Property::kBufferWords> buffer_;
  std::uint32_t address_;
  Notification events_;
};

Message answer_to(Mailbox& mailbox, const Message& request) {
  const auto question = PropertyQuestion::of(request.opcode, request.words[0]);
  if (!question) return {static_cast<std::uint64_t>(BoardStatus::UnknownQuestion), {}};
  const auto answer = mailbox.ask(*question);
  if (!answer) return {static_cast<std::uint64_t>(BoardStatus::NoAnswer), {}};
  return {static_cast<std::uint64_t>(BoardStatus::Done), {*answer}};
}

}  // namespace

int main() {
  const DmaMemory memory = DmaMemory::of(handles::mailbox_memory, Region::kPageBytes);
  if (memory.physical >= kReach) {
    printf("the region for the firmware lies at %#llx, beyond the first GiB, which is all that it reaches\n",
           static_cast<unsigned long long>(memory.physical));
    return 1;
  }
  const Notification events = Notification::create().value();
  Mailbox mailbox(devices::mailbox_registers.info().value(), memory, events);
  handles::mailbox_interrupt.bind(events, kInterrupt).value();
  Result<Request> request = handles::board.receive();
  while (request) {
    if (request->carried) request->carried.as<Handle>().close().ignore();
    if (!request->is_call()) {
      request = handles::board.receive();
      continue;
    }
    const Message answer = answer_to(mailbox, request->message);
    request = handles::board.reply_and_receive(std::move(request->token), answer);
  }
  return 1;  // the port is gone
}
