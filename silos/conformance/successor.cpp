// SPDX-License-Identifier: Apache-2.0
//
// The newer image of a phoenix: larger, so that its regions and its stack lie elsewhere. It keeps the older one's
// protocol, and answers an echo with kEchoOfSuccessor. What it begins with is checked as there: nothing of the older
// image is left in memory that was its text's, its constants' or its stack's.
#include <array>
#include <cstdlib>

#include "check.hpp"
#include "handles.hpp"
#include "phoenix.hpp"

using namespace conformance;

namespace {

constexpr Port work(abi::make_manifest_handle(2));
constexpr Channel births(abi::make_manifest_handle(3));

constexpr std::size_t kConstants = 10'000;
constexpr auto kPattern = [] {
  std::array<std::uint32_t, kConstants> pattern = {};
  for (std::size_t i = 0; i < kConstants; ++i) pattern[i] = static_cast<std::uint32_t>(i * 2654435761u);
  return pattern;
}();
std::uint32_t data[2048] = {phoenix::kEchoOfSuccessor};
std::uint32_t bss[20'000];

bool is_zero(const volatile std::uint32_t* words, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (words[i] != 0) return false;
  }
  return true;
}

std::uint64_t fresh() {
  std::uint64_t found = 0;
  const volatile std::uint32_t* const pattern = kPattern.data();
  bool is_right = true;
  for (std::size_t i = 0; i < kConstants; ++i)
    is_right = is_right && pattern[i] == static_cast<std::uint32_t>(i * 2654435761u);
  const volatile std::uint32_t* const begins = data;
  if (is_right && begins[0] == phoenix::kEchoOfSuccessor && is_zero(data + 1, std::size(data) - 1))
    found |= phoenix::kDataIsFresh;
  if (is_zero(bss, std::size(bss))) found |= phoenix::kBssIsZero;
  auto* const heap = static_cast<std::uint32_t*>(malloc(8192));
  if (heap != nullptr && is_zero(heap, 2048)) found |= phoenix::kHeapIsZero;
  std::uint64_t here = 0;
  asm volatile("mov %0, sp" : "=r"(here));
  // SAFETY: the manifest gives the thread more stack than that.
  if (is_zero(reinterpret_cast<const volatile std::uint32_t*>((here - 8192) & ~std::uint64_t{3}), 1024))
    found |= phoenix::kStackIsZero;
  return found | phoenix::kPageIsZero;
}

}  // namespace

int main() {
  const std::uint64_t found = fresh();
  births.send({argument(), {found, 1, detail::counter_now()}}, 1s).value();
  for (std::uint32_t& word : bss) word = 1;
  for (std::uint32_t& word : data) word = 1;
  for (;;) {
    Result<granary::Request> request = work.receive();
    if (!request) return 9;
    switch (request->message.opcode) {
      case phoenix::kEcho: {
        Message answer = request->message;
        answer.opcode = phoenix::kEchoOfSuccessor;
        Port::reply(std::move(request->token), answer).value();
        break;
      }
      case phoenix::kCrash:
        request->token.release();
        word_at(8) = 1;
        abort();
      case phoenix::kExit: request->token.release(); return 0;
      default: return 8;
    }
  }
}
