// SPDX-License-Identifier: Apache-2.0
//
// A disk as a silo: virtio block. One request at a time; data is copied between the client's window and memory of the
// driver's own, so the device is never told of memory that a client has, and a client that dies in the middle of its
// request changes nothing: the request ends, its answer finds nobody, and the window is given up.
//
// A device that gives nonsense back or nothing at all is reset and begun again; the request fails. If that is of no
// use the silo ends with a sentence, and its clients get kPeerGone.
//
// Manifest: an interrupt `disk_interrupt` and a device `disk_registers`, a region `disk_memory` with `dma` of 76 KiB, a
// port `disk` that is received from; argument: for how many milliseconds it waits for the device (0: 10 seconds); quota
// = { notifications = 1, regions = 4, region_pages = 64, mapped_pages = 83
// }.
#include <cstdio>
#include <cstring>

#include "block_clients.hpp"
#include "block_protocol.hpp"
#include "dma_memory.hpp"
#include "handles.hpp"
#include "virtio_mmio.hpp"

using namespace granary;
using namespace std::chrono_literals;
using namespace drivers;

namespace {

constexpr std::uint64_t kInterrupt = 1;
constexpr unsigned kMostRestarts = 3;  ///< without a request that is done between them

constexpr std::size_t kHeaderAt = Virtqueue::kBytes, kDataAt = kHeaderAt + 4096, kMemoryBytes = kDataAt + kWindowBytes;
constexpr std::size_t kStatusAt = 64;  ///< behind the header
constexpr std::uint32_t kReadOnly = 1 << 5, kFlush = 1 << 9;

/// What the device reads first of each request (Virtual I/O Device 1.2, 5.2.6).
struct Header {
  enum class Type : std::uint32_t { Read = 0, Write = 1, Flush = 4 };
  Type type;
  std::uint32_t reserved;
  std::uint64_t sector;
};

class BlockDevice {
 public:
  BlockDevice(const DeviceInfo& device, const DmaMemory& memory, const Notification& events)
      : device_(device.registers),
        memory_(memory),
        queue_(memory.bytes.first(Virtqueue::kBytes), memory.physical, 8),
        events_(events),
        patience_(argument() != 0 ? argument() : 10'000) {}

  VirtioFault begin() {
    VirtioFault fault = device_.begin(VirtioDevice::Kind::Block, kReadOnly | kFlush);
    if (fault != VirtioFault::None) return fault;
    queue_.reset();
    fault = device_.hand_over(0, queue_);
    if (fault != VirtioFault::None) return fault;
    sectors_ = device_.configuration(0) | std::uint64_t{device_.configuration(4)} << 32;
    device_.go();
    return VirtioFault::None;
  }

  std::uint64_t sectors() const { return sectors_; }
  bool is_read_only() const { return device_.has(kReadOnly); }
  bool can_flush() const { return device_.has(kFlush); }
  /// Where the device reads from and writes to.
  std::span<std::byte> data() const { return memory_.bytes.subspan(kDataAt, kWindowBytes); }

  BlockStatus run(Header::Type type, std::uint64_t sector, std::uint64_t bytes) {
    const Header header{type, 0, sector};
    std::memcpy(memory_.bytes.data() + kHeaderAt, &header, sizeof header);
    status() = kNoStatus;
    const Virtqueue::Part parts[] = {
        {memory_.physical + kHeaderAt, sizeof header, false},
        {memory_.physical + kDataAt, static_cast<std::uint32_t>(bytes), type == Header::Type::Read},
        {memory_.physical + kHeaderAt + kStatusAt, 1, true},
    };
    const Virtqueue::Part without_data[] = {parts[0], parts[2]};
    if (!queue_.offer(bytes != 0 ? std::span<const Virtqueue::Part>(parts) : without_data))
      return restart("has no room");
    device_.notify(0);
    const Deadline latest = until(Clock::now() + patience_);
    for (;;) {
      if (!events_.wait(kInterrupt, latest)) return restart("does not answer");
      device_.quieten();
      Virtqueue::Finished finished;
      const Virtqueue::Taken taken = queue_.take(finished);
      if (taken == Virtqueue::Taken::Nothing) continue;  // the interrupt was about something else
      if (taken == Virtqueue::Taken::Nonsense) return restart("gives back what it does not have");
      const std::uint8_t said = status();
      if (said == kNoStatus) return restart("gives a request back that it has not done");
      restarts_ = 0;
      return said == 0 ? BlockStatus::Done : BlockStatus::DeviceFailed;
    }
  }

 private:
  static constexpr std::uint8_t kNoStatus = 0xff;

  volatile std::uint8_t& status() const {
    return reinterpret_cast<volatile std::uint8_t&>(memory_.bytes[kHeaderAt + kStatusAt]);
  }
  BlockStatus restart(const char* what) {
    if (++restarts_ > kMostRestarts) give_up(what, "and restarts are of no use");
    printf("the device %s, and is started again\n", what);
    const VirtioFault fault = begin();
    if (fault != VirtioFault::None) give_up(what, in_words(fault));
    return BlockStatus::DeviceIsStuck;
  }
  [[noreturn]] void give_up(const char* what, const char* more) {
    device_.reset();  // it must not go on with this silo's memory
    printf("the device %s, %s\n", what, more);
    exit_silo(1);
  }

  VirtioDevice device_;
  DmaMemory memory_;
  Virtqueue queue_;
  Notification events_;
  std::uint64_t sectors_ = 0;
  std::chrono::milliseconds patience_;  ///< for one request
  unsigned restarts_ = 0;
};

BlockStatus read(BlockDevice& disk, const BlockTransfer& transfer, std::span<std::byte> window) {
  const BlockStatus status = disk.run(Header::Type::Read, transfer.first, transfer.bytes());
  if (status == BlockStatus::Done) std::memcpy(window.data() + transfer.offset, disk.data().data(), transfer.bytes());
  return status;
}

BlockStatus write(BlockDevice& disk, const BlockTransfer& transfer, std::span<const std::byte> window) {
  if (disk.is_read_only()) return BlockStatus::ReadOnly;
  std::memcpy(disk.data().data(), window.data() + transfer.offset, transfer.bytes());
  return disk.run(Header::Type::Write, transfer.first, transfer.bytes());
}

BlockStatus serve(BlockDevice& disk, const BlockClients& clients, const Request& request) {
  const std::span<std::byte> window = clients.window(request.badge);
  if (window.empty()) return BlockStatus::NotOpen;
  const auto operation = static_cast<BlockOperation>(request.message.opcode);
  if (operation == BlockOperation::Flush) {
    return disk.can_flush() && !disk.is_read_only() ? disk.run(Header::Type::Flush, 0, 0) : BlockStatus::Done;
  }
  if (operation != BlockOperation::Read && operation != BlockOperation::Write) return BlockStatus::UnknownOperation;
  const auto transfer = BlockTransfer::of(request.message);
  const BlockStatus refused = transfer.check(disk.sectors());
  if (refused != BlockStatus::Done) return refused;
  return operation == BlockOperation::Read ? read(disk, transfer, window) : write(disk, transfer, window);
}

}  // namespace

int main() {
  const DmaMemory memory = DmaMemory::of(handles::disk_memory, kMemoryBytes);
  const Notification events = Notification::create().value();
  BlockDevice disk(devices::disk_registers.info().value(), memory, events);
  handles::disk_interrupt.bind(events, kInterrupt).value();
  const VirtioFault fault = disk.begin();
  if (fault != VirtioFault::None) {
    printf("%s\n", in_words(fault));
    return 1;
  }
  printf("%llu sectors\n", static_cast<unsigned long long>(disk.sectors()));

  BlockClients clients;
  std::uint64_t answered = 0;  // the badge of the client whose answer is under way
  Result<Request> request = handles::disk.receive();
  for (;;) {
    if (!request) return 1;  // the port is gone: there is nobody to serve
    if (request->reply_lost) clients.forget_unused(answered);
    if (request->carried) request->carried.as<Handle>().close().ignore();
    answered = request->badge;
    if (static_cast<BlockOperation>(request->message.opcode) != BlockOperation::Open || !request->is_call()) {
      const BlockStatus status = serve(disk, clients, *request);
      request = handles::disk.reply_and_receive(std::move(request->token), block_answer(status));
      continue;
    }
    const Region window = clients.open(request->badge);
    if (!window) {
      request = handles::disk.reply_and_receive(std::move(request->token), block_answer(BlockStatus::NoRoom));
      continue;
    }
    constexpr std::uint64_t kRights = GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_REGION_WRITE;
    if (!Port::reply_with(request->token, block_answer(BlockStatus::Done, disk.sectors()), window, kRights)) {
      clients.forget_unused(request->badge);  // it has died, or takes no capability
      request = handles::disk.reply_and_receive(std::move(request->token), block_answer(BlockStatus::NotOpen));
      continue;
    }
    request = handles::disk.receive();
  }
}
