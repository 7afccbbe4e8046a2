// SPDX-License-Identifier: Apache-2.0
//
// Owns regions and lends them out in replies: what region_borrower.cpp asks for, it does (region_loan.hpp). Ends when
// it is told to, with its regions still lent out.
#include "check.hpp"
#include "handles.hpp"
#include "region_loan.hpp"

using namespace conformance;

namespace {

Region region;
std::span<std::byte> bytes;

/// A reply that carries the region with these rights.
granary_message lend(std::uint64_t rights) {
  granary_message reply{};
  reply.flags = GRANARY_FLAG_TRANSFER;
  reply.word[2] = rights;
  reply.word[3] = region.value();
  return reply;
}

/// The reply takes a region along for good; if it cannot, another one says why.
granary_status give(const granary_message& request, std::uint64_t token) {
  const std::uint64_t rights = GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_REGION_WRITE;
  region = Region::create(request.word[0]).value();
  granary_message moved = lend(rights);
  moved.flags |= GRANARY_FLAG_MOVE;
  const granary_status status = granary_port_reply(&moved, token);
  if (status == GRANARY_OK) return region.info().ok() ? GRANARY_EEXIST : GRANARY_OK;
  granary_message refusal{};
  refusal.word[0] = static_cast<std::uint64_t>(-status);
  refusal.word[1] = region.map(read_write).ok() ? 1 : 0;
  region.close().value();
  return granary_port_reply(&refusal, token);
}

granary_message answer(const granary_message& request) {
  granary_message reply{};
  switch (static_cast<Loan>(request.opcode)) {
    case Loan::Make:
      region = Region::create(request.word[0]).value();
      bytes = region.map(read_write).value();
      fill(bytes, static_cast<std::uint32_t>(request.word[1]));
      return lend(request.word[2]);
    case Loan::Again: return lend(request.word[2]);
    case Loan::Fill: fill(bytes, static_cast<std::uint32_t>(request.word[1])); break;
    case Loan::Check: reply.word[0] = is_filled(bytes, static_cast<std::uint32_t>(request.word[1])) ? 1 : 0; break;
    case Loan::Mappings: reply.word[0] = region.info().value().mappings; break;
    case Loan::Close: region.close().value(); break;
    case Loan::Room: {
      const Result<Region> more = Region::create(request.word[0]);
      reply.word[0] = more.ok() ? 1 : 0;
      if (more) more->close().value();
      break;
    }
    case Loan::Give:
    case Loan::End: break;
  }
  return reply;
}

}  // namespace

int main() {
  for (;;) {
    granary_delivery request;
    if (granary_port_receive(handles::loans.value(), GRANARY_DEADLINE_FOREVER, &request) != GRANARY_OK) return 1;
    if (static_cast<Loan>(request.message.opcode) == Loan::Give) {
      if (give(request.message, request.reply_token) != GRANARY_OK) return 3;
      continue;
    }
    const granary_message reply = answer(request.message);
    if (granary_port_reply(&reply, request.reply_token) != GRANARY_OK) return 2;
    if (static_cast<Loan>(request.message.opcode) == Loan::End) return 0;
  }
}
