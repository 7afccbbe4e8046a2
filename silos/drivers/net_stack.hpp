// SPDX-License-Identifier: Apache-2.0
//
// What the net driver does with a frame. This is a network stack of exactly three protocols, written for this driver
// and for nothing else: it answers ARP requests for its address, ICMP echo requests (ping), and UDP datagrams to port 7
// (echo, RFC 862). There is no TCP, no fragmentation, no IPv6, no routing: it answers to where a frame came from. A
// system that needs a network takes a real stack. (Debian's lwIP is built for the host, and so of no use in a silo.)
//
// Whatever is wrong with a frame, it is dropped and counted by what was wrong; lengths and checksums are checked before
// anything is believed. A pure function of the frame, tested on the host. The caller gives a frame that nobody changes
// meanwhile: a copy, and not what a device can still write to.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace drivers {

/// What became of a frame.
enum class FrameFate : std::uint32_t {
  ArpAnswered,
  PingAnswered,
  UdpEchoed,
  NotForUs,   ///< another address, or nothing that asks for an answer
  TooShort,   ///< for the headers that it says it has
  TooLong,    ///< for Ethernet
  BadLength,  ///< a length in it contradicts another, or the protocol
  BadChecksum,
  Fragment,
  UnknownProtocol,
  NoSuchPort,
  NotAnswerable,  ///< it comes from an address or port that must not be answered
  kCount,
};

struct FrameCounts {
  std::array<std::uint32_t, static_cast<std::size_t>(FrameFate::kCount)> of{};

  std::uint32_t& operator[](FrameFate fate) { return of[static_cast<std::size_t>(fate)]; }
  std::uint32_t operator[](FrameFate fate) const { return of[static_cast<std::size_t>(fate)]; }
};
static_assert(sizeof(FrameCounts) <= 64, "they fit one message");

constexpr std::size_t kMostFrameBytes = 14 + 1500;

struct NetHost {
  std::array<std::uint8_t, 6> mac{};
  std::uint32_t address = 0;  ///< 10.0.2.15 is 0x0a00020f
};

namespace net_detail {

using Bytes = std::span<const std::uint8_t>;
using Room = std::span<std::uint8_t>;

constexpr std::uint16_t kArp = 0x0806, kIpv4 = 0x0800;
constexpr std::uint8_t kIcmp = 1, kUdp = 17;
constexpr std::uint16_t kEchoPort = 7;
constexpr std::size_t kEthernet = 14, kArpBytes = 28, kIpHeader = 20, kIcmpHeader = 8, kUdpHeader = 8;

constexpr std::uint16_t get16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
constexpr std::uint32_t get32(Bytes bytes, std::size_t at) {
  return std::uint32_t{get16(bytes, at)} << 16 | get16(bytes, at + 2);
}
constexpr void put16(Room bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}
constexpr void put32(Room bytes, std::size_t at, std::uint32_t value) {
  put16(bytes, at, value >> 16);
  put16(bytes, at + 2, value & 0xffff);
}

/// Of a checksum: the sum of its 16-bit words, with what an odd last byte is padded with.
constexpr std::uint32_t sum_of(Bytes bytes, std::uint32_t sum = 0) {
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) sum += get16(bytes, at);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back() << 8);
  return sum;
}
/// The checksum that makes the sum come out; of words that have theirs among them it is 0.
constexpr std::uint16_t checksum_of(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}
/// What UDP's checksum covers besides the datagram.
constexpr std::uint32_t pseudo_header(std::uint32_t one, std::uint32_t other, std::size_t bytes) {
  return (one >> 16) + (one & 0xffff) + (other >> 16) + (other & 0xffff) + kUdp + static_cast<std::uint32_t>(bytes);
}

/// 0.0.0.0/8, 127.0.0.0/8, and from 224.0.0.0 on: groups, reserved, broadcast.
constexpr bool is_one_host(std::uint32_t address) {
  return address >> 24 != 0 && address >> 24 != 127 && address >> 24 < 224;
}

}  // namespace net_detail

/// One frame and its answer, if it gets one.
class FrameAnswer {
 public:
  /// `reply` has room for kMostFrameBytes.
  FrameAnswer(const NetHost& host, std::span<const std::uint8_t> frame, std::span<std::uint8_t> reply)
      : host_(host), frame_(frame), reply_(reply), fate_(ethernet()) {}

  FrameFate fate() const { return fate_; }
  /// Of the reply; 0 if there is none.
  std::size_t bytes() const { return bytes_; }

 private:
  using Bytes = net_detail::Bytes;

  FrameFate ethernet() {
    using namespace net_detail;
    if (frame_.size() < kEthernet) return FrameFate::TooShort;
    if (frame_.size() > kMostFrameBytes) return FrameFate::TooLong;
    const Bytes to = frame_.first(6), from = frame_.subspan(6, 6);
    const bool is_ours = std::ranges::equal(to, host_.mac);
    if (!is_ours && !std::ranges::all_of(to, [](std::uint8_t byte) { return byte == 0xff; }))
      return FrameFate::NotForUs;
    if ((from[0] & 1) != 0) return FrameFate::NotAnswerable;  // a group
    const std::uint16_t type = get16(frame_, 12);
    if (type == kArp) return arp(frame_.subspan(kEthernet));
    if (type != kIpv4) return FrameFate::UnknownProtocol;
    return is_ours ? ipv4(frame_.subspan(kEthernet)) : FrameFate::NotForUs;
  }

  FrameFate arp(Bytes packet) {
    using namespace net_detail;
    constexpr std::uint32_t kEthernetAndIpv4Low = 0x0800'0604;
    if (packet.size() < kArpBytes) return FrameFate::TooShort;
    if (get16(packet, 0) != 1 || get32(packet, 2) != kEthernetAndIpv4Low) return FrameFate::BadLength;
    if (get16(packet, 6) != 1 || get32(packet, 24) != host_.address) return FrameFate::NotForUs;
    begin_reply(kArp);
    const auto answer = reply_.subspan(kEthernet, kArpBytes);
    std::ranges::copy(packet.first(6), answer.begin());
    put16(answer, 6, 2);
    std::ranges::copy(host_.mac, answer.begin() + 8);
    put32(answer, 14, host_.address);
    std::ranges::copy(packet.subspan(8, 10), answer.begin() + 18);
    bytes_ = kEthernet + kArpBytes;
    return FrameFate::ArpAnswered;
  }

  FrameFate ipv4(Bytes packet) {
    using namespace net_detail;
    if (packet.size() < kIpHeader) return FrameFate::TooShort;
    const std::size_t header = 4u * (packet[0] & 15u), total = get16(packet, 2);
    if (packet[0] >> 4 != 4 || header < kIpHeader) return FrameFate::BadLength;
    if (header > total || total > packet.size()) return FrameFate::BadLength;
    if (checksum_of(sum_of(packet.first(header))) != 0) return FrameFate::BadChecksum;
    if (get32(packet, 16) != host_.address) return FrameFate::NotForUs;
    if ((get16(packet, 6) & 0x3fff) != 0) return FrameFate::Fragment;  // more follow, or came before
    from_ = get32(packet, 12);
    if (!is_one_host(from_) || from_ == host_.address) return FrameFate::NotAnswerable;
    const Bytes content = packet.subspan(header, total - header);
    if (packet[9] == kIcmp) return icmp(content);
    if (packet[9] == kUdp) return udp(content);
    return FrameFate::UnknownProtocol;
  }

  FrameFate icmp(Bytes packet) {
    using namespace net_detail;
    if (packet.size() < kIcmpHeader) return FrameFate::TooShort;
    if (checksum_of(sum_of(packet)) != 0) return FrameFate::BadChecksum;
    if (packet[0] != 8 || packet[1] != 0) return FrameFate::NotForUs;  // no echo request
    const auto answer = begin_ip(kIcmp, packet.size());
    std::ranges::copy(packet, answer.begin());
    put32(answer, 0, 0);
    put16(answer, 2, checksum_of(sum_of(answer)));
    return FrameFate::PingAnswered;
  }

  FrameFate udp(Bytes packet) {
    using namespace net_detail;
    if (packet.size() < kUdpHeader) return FrameFate::TooShort;
    const std::size_t length = get16(packet, 4);
    if (length < kUdpHeader || length > packet.size()) return FrameFate::BadLength;
    const Bytes datagram = packet.first(length);
    const std::uint32_t pseudo = pseudo_header(from_, host_.address, length);
    const bool has_checksum = get16(datagram, 6) != 0;
    if (has_checksum && checksum_of(sum_of(datagram, pseudo)) != 0) return FrameFate::BadChecksum;
    if (get16(datagram, 2) != kEchoPort) return FrameFate::NoSuchPort;
    // Two echo services would answer each other for ever.
    const std::uint16_t from_port = get16(datagram, 0);
    if (from_port == 0 || from_port == kEchoPort) return FrameFate::NotAnswerable;
    const auto answer = begin_ip(kUdp, length);
    std::ranges::copy(datagram, answer.begin());
    put16(answer, 0, kEchoPort);
    put16(answer, 2, from_port);
    put16(answer, 6, 0);
    const std::uint16_t checksum = checksum_of(sum_of(answer, pseudo));
    put16(answer, 6, checksum != 0 ? checksum : 0xffff);  // 0 would say that there is none
    return FrameFate::UdpEchoed;
  }

  void begin_reply(std::uint16_t type) {
    std::ranges::copy(frame_.subspan(6, 6), reply_.begin());
    std::ranges::copy(host_.mac, reply_.begin() + 6);
    net_detail::put16(reply_, 12, type);
  }
  /// The headers of an answer with that content: where the content goes. It is never longer than what it answers.
  std::span<std::uint8_t> begin_ip(std::uint8_t protocol, std::size_t content) {
    using namespace net_detail;
    begin_reply(kIpv4);
    const auto header = reply_.subspan(kEthernet, kIpHeader);
    put16(header, 0, 0x4500);
    put16(header, 2, kIpHeader + content);
    put32(header, 4, 0x4000);  // no number, and not to be fragmented
    header[8] = 64;
    header[9] = protocol;
    put16(header, 10, 0);
    put32(header, 12, host_.address);
    put32(header, 16, from_);
    put16(header, 10, checksum_of(sum_of(header)));
    bytes_ = kEthernet + kIpHeader + content;
    return reply_.subspan(kEthernet + kIpHeader, content);
  }

  const NetHost& host_;
  Bytes frame_;
  std::span<std::uint8_t> reply_;
  std::uint32_t from_ = 0;
  std::size_t bytes_ = 0;
  FrameFate fate_;  // last: what finds it out uses the others
};

}  // namespace drivers
