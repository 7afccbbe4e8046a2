// SPDX-License-Identifier: Apache-2.0
//
// A network card as a silo: virtio net, with a stack of three protocols (net_stack.hpp says which, and why so few). It
// answers whom it hears, and tells its clients what became of the frames.
//
// No frame that the device has delivered is lost: while there is no room for an answer, received frames wait in their
// buffers, and with them the device. A frame is copied before it is looked at, because the device can write to its
// buffer. A device that gives nonsense back is reset and begun again; after three times the silo ends with a sentence.
//
// Manifest: an interrupt `net_interrupt` and a device `net_registers`, a region `net_memory` with `dma` of 144 KiB, a
// port `network` that is received from; argument = its IPv4 address; quota = { notifications = 1, bindings = 1,
// mapped_pages = 36 }.
#include <cstdio>
#include <cstring>

#include "dma_memory.hpp"
#include "handles.hpp"
#include "net_stack.hpp"
#include "virtio_mmio.hpp"

using namespace granary;
using namespace drivers;

namespace {

constexpr std::uint64_t kInterrupt = 1 << 0, kAsked = 1 << 1;
constexpr std::uint32_t kHasMac = 1 << 5;
constexpr std::uint32_t kReceive = 0, kTransmit = 1;  // the device's queues
constexpr std::size_t kBuffers = 32, kBufferBytes = 2048;
constexpr std::size_t kBuffersBytes = kBuffers * kBufferBytes;
constexpr unsigned kMostRestarts = 3;

/// A queue and its buffers: each chain is one buffer, the device's header and behind it the frame.
class Ring {
 public:
  static constexpr std::size_t kBytes = Virtqueue::kBytes + kBuffersBytes;

  Ring(std::span<std::byte> memory, std::uint64_t physical, bool device_writes)
      : queue_(memory.first(Virtqueue::kBytes), physical, 2 * kBuffers),
        buffers_(memory.subspan(Virtqueue::kBytes, kBuffersBytes)),
        physical_(physical + Virtqueue::kBytes),
        device_writes_(device_writes) {}

  void reset(std::uint32_t header_bytes) {
    queue_.reset();
    header_bytes_ = header_bytes;
    free_ = (std::uint64_t{1} << kBuffers) - 1;
  }
  const Virtqueue& queue() const { return queue_; }
  bool has_free() const { return free_ != 0; }
  /// A buffer that the device does not have; has_free().
  std::size_t take_free() {
    const auto buffer = static_cast<std::size_t>(__builtin_ctzll(free_));
    free_ &= free_ - 1;
    return buffer;
  }
  void offer(std::size_t buffer, std::uint32_t frame_bytes) {
    const std::uint64_t at = physical_ + buffer * kBufferBytes;
    const Virtqueue::Part parts[] = {{at, header_bytes_, device_writes_},
                                     {at + header_bytes_, frame_bytes, device_writes_}};
    if (const auto ticket = queue_.offer(parts)) buffer_of_[*ticket] = buffer;
  }
  Virtqueue::Taken take(std::size_t& buffer, std::uint32_t& written) {
    Virtqueue::Finished finished;
    const Virtqueue::Taken taken = queue_.take(finished);
    if (taken != Virtqueue::Taken::One) return taken;
    buffer = buffer_of_[finished.ticket];
    written = finished.written;
    free_ |= std::uint64_t{1} << buffer;
    return taken;
  }
  std::uint32_t header_bytes() const { return header_bytes_; }
  std::byte* header(std::size_t buffer) const { return buffers_.data() + buffer * kBufferBytes; }
  std::byte* frame(std::size_t buffer) const { return header(buffer) + header_bytes_; }

 private:
  Virtqueue queue_;
  std::span<std::byte> buffers_;
  std::uint64_t physical_;
  bool device_writes_;
  std::uint32_t header_bytes_ = 0;
  std::uint64_t free_ = 0;
  std::array<std::size_t, 2 * kBuffers> buffer_of_{};  ///< by ticket
};
constexpr std::size_t kMemoryBytes = 2 * Ring::kBytes;

class NetDevice {
 public:
  NetDevice(const DeviceInfo& device, const DmaMemory& memory, std::uint32_t address)
      : device_(device.registers),
        received_(memory.bytes.first(Ring::kBytes), memory.physical, true),
        sent_(memory.bytes.subspan(Ring::kBytes, Ring::kBytes), memory.physical + Ring::kBytes, false) {
    host_.address = address;
  }

  VirtioFault begin() {
    VirtioFault fault = device_.begin(VirtioDevice::Kind::Net, kHasMac);
    if (fault != VirtioFault::None) return fault;
    const std::uint32_t header_bytes = device_.is_modern() ? 12 : 10;
    received_.reset(header_bytes);
    sent_.reset(header_bytes);
    fault = device_.hand_over(kReceive, received_.queue());
    if (fault == VirtioFault::None) fault = device_.hand_over(kTransmit, sent_.queue());
    if (fault != VirtioFault::None) return fault;
    host_.mac = {0x02, 0, 0, 0, 0, 0x07};  // for a device that has none of its own
    if (device_.has(kHasMac)) {
      const std::uint64_t mac = device_.configuration(0) | std::uint64_t{device_.configuration(4)} << 32;
      std::memcpy(host_.mac.data(), &mac, host_.mac.size());
    }
    device_.go();
    while (received_.has_free()) give_to_receive();
    device_.notify(kReceive);
    return VirtioFault::None;
  }

  const NetHost& host() const { return host_; }
  const FrameCounts& counts() const { return counts_; }

  /// Everything that the device has for us, as far as there is room for answers.
  void work() {
    device_.quieten();
    const bool is_honest = take_sent() && take_received();
    if (!is_honest) restart();
  }

 private:
  void give_to_receive() {
    received_.offer(received_.take_free(), static_cast<std::uint32_t>(kBufferBytes) - received_.header_bytes());
  }
  bool take_sent() {
    std::size_t buffer;
    std::uint32_t written;
    Virtqueue::Taken taken;
    while ((taken = sent_.take(buffer, written)) == Virtqueue::Taken::One) {
    }
    return taken == Virtqueue::Taken::Nothing;
  }
  bool take_received() {
    bool has_answered = false, has_given = false;
    while (sent_.has_free()) {
      std::size_t buffer;
      std::uint32_t written;
      const Virtqueue::Taken taken = received_.take(buffer, written);
      if (taken == Virtqueue::Taken::Nonsense) return false;
      if (taken == Virtqueue::Taken::Nothing) break;
      has_answered |= answer(buffer, written);
      give_to_receive();
      has_given = true;
      restarts_ = 0;
      if (!take_sent()) return false;
    }
    if (has_answered) device_.notify(kTransmit);
    if (has_given) device_.notify(kReceive);
    return true;
  }
  bool answer(std::size_t buffer, std::uint32_t written) {
    const std::uint32_t header = received_.header_bytes();
    const std::size_t bytes = written > header ? written - header : 0;
    std::memcpy(copy_.data(), received_.frame(buffer), bytes);  // at most a buffer: the queue has checked that
    const FrameAnswer reply(host_, std::span(copy_).first(bytes), reply_);
    ++counts_[reply.fate()];
    if (reply.bytes() == 0) return false;
    const std::size_t to = sent_.take_free();
    std::memset(sent_.header(to), 0, sent_.header_bytes());
    std::memcpy(sent_.frame(to), reply_.data(), reply.bytes());
    sent_.offer(to, static_cast<std::uint32_t>(reply.bytes()));
    return true;
  }
  void restart() {
    if (++restarts_ > kMostRestarts) give_up("restarts are of no use");
    printf("the device gives back what it does not have, and is started again\n");
    const VirtioFault fault = begin();
    if (fault != VirtioFault::None) give_up(in_words(fault));
  }
  [[noreturn]] void give_up(const char* why) {
    device_.reset();  // it must not go on with this silo's memory
    printf("the device gives back what it does not have, and %s\n", why);
    exit_silo(1);
  }

  VirtioDevice device_;
  Ring received_, sent_;
  NetHost host_;
  FrameCounts counts_;
  unsigned restarts_ = 0;
  std::array<std::uint8_t, kBufferBytes> copy_{};
  std::array<std::uint8_t, kMostFrameBytes> reply_{};
};

void serve_clients(const FrameCounts& counts) {
  for (;;) {
    Result<Request> request = handles::network.try_receive();
    if (!request) return;
    if (request->carried) request->carried.as<Handle>().close().ignore();
    if (request->is_call()) Port::reply(std::move(request->token), Message::of(0, counts)).ignore();
  }
}

}  // namespace

int main() {
  const DmaMemory memory = DmaMemory::of(handles::net_memory, kMemoryBytes);
  static NetDevice net(devices::net_registers.info().value(), memory, static_cast<std::uint32_t>(argument()));
  const Notification events = Notification::create().value();
  events.bind(handles::network, kAsked).value();
  handles::net_interrupt.bind(events, kInterrupt).value();
  const VirtioFault fault = net.begin();
  if (fault != VirtioFault::None) {
    printf("%s\n", in_words(fault));
    return 1;
  }
  const NetHost& host = net.host();
  printf("%02x:%02x:%02x:%02x:%02x:%02x is %u.%u.%u.%u\n", host.mac[0], host.mac[1], host.mac[2], host.mac[3],
         host.mac[4], host.mac[5], unsigned(host.address >> 24), unsigned(host.address >> 16 & 255),
         unsigned(host.address >> 8 & 255), unsigned(host.address & 255));
  for (;;) {
    const std::uint64_t what = events.wait(kInterrupt | kAsked).value();
    if ((what & kInterrupt) != 0) net.work();
    if ((what & kAsked) != 0) serve_clients(net.counts());
  }
}
