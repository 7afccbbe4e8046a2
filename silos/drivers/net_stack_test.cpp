// SPDX-License-Identifier: Apache-2.0
//
// Frames and what becomes of them: each answered one once, each kind of refusal, and true frames with every byte
// changed and cut off at every length, in memory of exactly their size.
#include "test/fakes/host_prelude.hpp"

#include <random>
#include <vector>

#include "net_stack.hpp"

namespace drivers {
namespace {

using Frame = std::vector<std::uint8_t>;
using namespace net_detail;

constexpr NetHost kHost{{0x52, 0x54, 0, 1, 2, 3}, 0x0a00'020f};
constexpr std::uint32_t kPeer = 0x0a00'0202;

Frame ethernet(std::uint16_t type, std::size_t content) {
  Frame frame{0x52, 0x54, 0, 1, 2, 3, 2, 0, 0, 0, 0, 1};
  frame.resize(kEthernet + content);
  put16(frame, 12, type);
  return frame;
}
/// The header's checksum made right after a change.
Frame& sealed(Frame& frame) {
  const auto header = std::span(frame).subspan(14, 4u * (frame[14] & 15u));
  put16(header, 10, 0);
  put16(header, 10, checksum_of(sum_of(header)));
  return frame;
}
Frame ip(std::uint8_t protocol, const Frame& content, std::uint32_t from = kPeer) {
  Frame frame = ethernet(kIpv4, kIpHeader + content.size());
  frame[14] = 0x45;
  put16(frame, 16, kIpHeader + content.size());
  frame[22] = 3;
  frame[23] = protocol;
  put32(frame, 26, from);
  put32(frame, 30, kHost.address);
  std::ranges::copy(content, frame.begin() + 34);
  return sealed(frame);
}
Frame ping(std::size_t payload) {
  Frame packet(kIcmpHeader + payload, 0xa5);
  packet[0] = 8;
  packet[1] = 0;
  put16(packet, 2, 0);
  put16(packet, 2, checksum_of(sum_of(packet)));
  return packet;
}
Frame udp(std::uint16_t from, std::uint16_t to, const Frame& payload) {
  Frame packet(kUdpHeader);
  put16(packet, 0, from);
  put16(packet, 2, to);
  put16(packet, 4, kUdpHeader + payload.size());
  packet.insert(packet.end(), payload.begin(), payload.end());
  put16(packet, 6, checksum_of(sum_of(packet, pseudo_header(kPeer, kHost.address, packet.size()))));
  return packet;
}
Frame arp_request() {
  Frame frame = ethernet(kArp, kArpBytes);
  std::fill_n(frame.begin(), 6, std::uint8_t{0xff});
  put16(frame, 14, 1);
  put32(frame, 16, 0x0800'0604);
  put16(frame, 20, 1);
  std::copy_n(frame.begin() + 6, 6, frame.begin() + 22);
  put32(frame, 28, kPeer);
  put32(frame, 38, kHost.address);
  return frame;
}

struct Answered {
  FrameFate fate;
  Frame reply;
};
Answered answered(const Frame& frame) {
  std::vector<std::uint8_t> room(kMostFrameBytes);
  const FrameAnswer answer(kHost, frame, room);
  EXPECT_LE(answer.bytes(), std::max(frame.size(), std::size_t{42}));
  room.resize(answer.bytes());
  return {answer.fate(), room};
}
FrameFate fate_of(const Frame& frame) { return answered(frame).fate; }
/// A true UDP echo with 16 bits of it changed, and the header's checksum made right again.
FrameFate fate_with(std::size_t at, std::uint16_t value) {
  Frame frame = ip(kUdp, udp(5000, 7, Frame(20, 1)));
  put16(frame, at, value);
  return fate_of(sealed(frame));
}

TEST(NetStackTest, answers_an_arp_request_for_its_address) {
  const auto [fate, reply] = answered(arp_request());
  EXPECT_EQ(fate, FrameFate::ArpAnswered);
  ASSERT_EQ(reply.size(), 42u);
  EXPECT_TRUE(std::equal(reply.begin(), reply.begin() + 6, arp_request().begin() + 6));
  EXPECT_TRUE(std::equal(kHost.mac.begin(), kHost.mac.end(), reply.begin() + 6));
  EXPECT_EQ(get32(reply, 16), 0x0800'0604u);
  EXPECT_EQ(get16(reply, 20), 2u);
  EXPECT_TRUE(std::equal(kHost.mac.begin(), kHost.mac.end(), reply.begin() + 22));
  EXPECT_EQ(get32(reply, 28), kHost.address);
  EXPECT_EQ(get32(reply, 38), kPeer);
}

TEST(NetStackTest, answers_a_ping_with_what_came) {
  for (const std::size_t size : {0, 1, 2, 63, 1472}) {
    const auto [fate, reply] = answered(ip(kIcmp, ping(size)));
    ASSERT_EQ(fate, FrameFate::PingAnswered);
    ASSERT_EQ(reply.size(), 42 + size);
    EXPECT_EQ(checksum_of(sum_of(Bytes(reply).subspan(14, 20))), 0);
    EXPECT_EQ(checksum_of(sum_of(Bytes(reply).subspan(34))), 0);
    EXPECT_EQ(get32(reply, 26), kHost.address);
    EXPECT_EQ(get32(reply, 30), kPeer);
    EXPECT_EQ(reply[34], 0);
    EXPECT_TRUE(std::all_of(reply.begin() + 38, reply.end(), [](std::uint8_t byte) { return byte == 0xa5; }));
  }
}

TEST(NetStackTest, echoes_udp_with_a_true_checksum) {
  for (std::size_t size = 0; size < 70; ++size) {
    const Frame payload(size, 0x3c);
    const auto [fate, reply] = answered(ip(kUdp, udp(5000, 7, payload)));
    ASSERT_EQ(fate, FrameFate::UdpEchoed);
    ASSERT_EQ(reply.size(), 42 + size);
    EXPECT_EQ(get16(reply, 34), 7);
    EXPECT_EQ(get16(reply, 36), 5000);
    EXPECT_NE(get16(reply, 40), 0);
    EXPECT_EQ(checksum_of(sum_of(Bytes(reply).subspan(34), pseudo_header(kPeer, kHost.address, 8 + size))), 0);
    EXPECT_EQ(Frame(reply.begin() + 42, reply.end()), payload);
  }
}

TEST(NetStackTest, echoes_a_datagram_without_a_checksum_and_never_sends_one) {
  Frame frame = ip(kUdp, udp(5000, 7, {1, 2, 3}));
  put16(frame, 40, 0);
  const auto [fate, reply] = answered(frame);
  EXPECT_EQ(fate, FrameFate::UdpEchoed);
  EXPECT_NE(get16(reply, 40), 0);
  // A payload for which the checksum comes out as 0, which is sent as 0xffff.
  Frame zero = udp(5000, 7, {0, 0});
  put16(zero, 8, get16(zero, 6));
  put16(zero, 6, 0);
  const auto [again, other] = answered(ip(kUdp, zero));
  EXPECT_EQ(again, FrameFate::UdpEchoed);
  EXPECT_EQ(get16(other, 40), 0xffff);
}

TEST(NetStackTest, leaves_out_options_and_what_a_short_frame_is_padded_with) {
  Frame frame = ip(kUdp, udp(5000, 7, {1, 2, 3}));
  frame.insert(frame.begin() + 34, {1, 1, 1, 1});
  frame[14] = 0x46;
  put16(frame, 16, get16(frame, 16) + 4u);
  sealed(frame).resize(64);
  const auto [fate, reply] = answered(frame);
  EXPECT_EQ(fate, FrameFate::UdpEchoed);
  EXPECT_EQ(reply.size(), 45u);
  EXPECT_EQ(reply[14], 0x45);
}

TEST(NetStackTest, says_what_is_wrong_with_a_frame) {
  EXPECT_EQ(fate_with(16, 19), FrameFate::BadLength);
  EXPECT_EQ(fate_with(16, 49), FrameFate::BadLength);
  EXPECT_EQ(fate_with(16, 20), FrameFate::TooShort);
  EXPECT_EQ(fate_with(20, 0x2000), FrameFate::Fragment);
  EXPECT_EQ(fate_with(20, 0x1fff), FrameFate::Fragment);
  EXPECT_EQ(fate_with(22, 0x4006), FrameFate::UnknownProtocol);
  EXPECT_EQ(fate_with(26, 0xe000), FrameFate::NotAnswerable);
  EXPECT_EQ(fate_with(26, 0x7f00), FrameFate::NotAnswerable);
  EXPECT_EQ(fate_with(26, 0x0000), FrameFate::NotAnswerable);
  EXPECT_EQ(fate_with(26, 0xffff), FrameFate::NotAnswerable);
  EXPECT_EQ(fate_with(32, 0x0210), FrameFate::NotForUs);
  EXPECT_EQ(fate_with(38, 7), FrameFate::BadLength);
  EXPECT_EQ(fate_with(38, 29), FrameFate::BadLength);
  EXPECT_EQ(fate_with(40, 1), FrameFate::BadChecksum);
  EXPECT_EQ(fate_of(ip(kUdp, udp(5000, 8, {}))), FrameFate::NoSuchPort);
  EXPECT_EQ(fate_of(ip(kUdp, udp(7, 7, {}))), FrameFate::NotAnswerable);
  EXPECT_EQ(fate_of(ip(kUdp, udp(0, 7, {}))), FrameFate::NotAnswerable);
  EXPECT_EQ(fate_of(ip(kIcmp, Frame(7))), FrameFate::TooShort);
  EXPECT_EQ(fate_of(Frame(1515)), FrameFate::TooLong);
  EXPECT_EQ(fate_of(Frame()), FrameFate::TooShort);
  Frame own = ip(kUdp, udp(5000, 7, {}), kHost.address);
  EXPECT_EQ(fate_of(own), FrameFate::NotAnswerable);
  Frame version = ip(kUdp, udp(5000, 7, {}));
  version[14] = 0x65;
  EXPECT_EQ(fate_of(sealed(version)), FrameFate::BadLength);
  Frame header = ip(kUdp, udp(5000, 7, {}));
  header[24] ^= 1;
  EXPECT_EQ(fate_of(header), FrameFate::BadChecksum);
}

TEST(NetStackTest, answers_no_arp_request_that_is_another_or_none) {
  const auto with = [](std::size_t at, std::uint16_t value) {
    Frame frame = arp_request();
    put16(frame, at, value);
    return fate_of(frame);
  };
  EXPECT_EQ(with(14, 6), FrameFate::BadLength);
  EXPECT_EQ(with(16, 0x86dd), FrameFate::BadLength);
  EXPECT_EQ(with(18, 0x0804), FrameFate::BadLength);
  EXPECT_EQ(with(20, 2), FrameFate::NotForUs);
  EXPECT_EQ(with(40, 1), FrameFate::NotForUs);
  EXPECT_EQ(with(6, 0x0300), FrameFate::NotAnswerable);
  Frame cut = arp_request();
  cut.pop_back();
  EXPECT_EQ(fate_of(cut), FrameFate::TooShort);
}

TEST(NetStackTest, reads_nothing_beyond_a_frame_whatever_is_in_it) {
  std::mt19937 chance(1);
  const Frame whole[] = {arp_request(), ip(kIcmp, ping(33)), ip(kUdp, udp(5000, 7, Frame(33, 9)))};
  for (const Frame& frame : whole) {
    for (std::size_t length = 0; length <= frame.size(); ++length) {
      Frame cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
      answered(cut);
      for (std::size_t at = 0; at < length; ++at) {
        Frame changed = cut;
        changed[at] = static_cast<std::uint8_t>(chance());
        if (changed.size() >= 14 + 4u * (changed[14 % changed.size()] & 15u) && changed.size() > 34 &&
            (changed[14] & 15) >= 5)
          answered(sealed(changed));
        else
          answered(changed);
      }
    }
  }
}

}  // namespace
}  // namespace drivers
