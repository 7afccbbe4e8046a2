// SPDX-License-Identifier: Apache-2.0
//
// Two silos on one region: what the other one lends in replies is its own memory, with the rights that were lent and no
// others, for as long as somebody names it. region_lender.cpp does what it is asked to.
#include "check.hpp"
#include "handles.hpp"
#include "region_loan.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kReads = GRANARY_RIGHT_REGION_READ;
constexpr std::uint64_t kWrites = GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_REGION_WRITE;

granary_message ask(Loan loan, std::uint64_t pages = 0, std::uint64_t seed = 0, std::uint64_t rights = 0) {
  granary_message question{};
  question.opcode = static_cast<std::uint64_t>(loan);
  question.flags = GRANARY_FLAG_ACCEPT;
  question.word[0] = pages;
  question.word[1] = seed;
  question.word[2] = rights;
  granary_message reply{};
  const granary_status status = granary_port_call(handles::loans.value(), &question, GRANARY_DEADLINE_FOREVER, &reply);
  if (status != GRANARY_OK) printf("# the call failed: %s\n", granary_status_name(status));
  return reply;
}
Region borrow(Loan loan, std::uint64_t pages, std::uint64_t seed, std::uint64_t rights) {
  const granary_message reply = ask(loan, pages, seed, rights);
  return Region((reply.flags & GRANARY_FLAG_TRANSFER) != 0 ? reply.word[3] : 0);
}

void reading() {
  const Region lent = borrow(Loan::Make, 5, 11, kReads);
  check(static_cast<bool>(lent), "N5 a reply brings a region");
  check_equal(lent.handle_info().value().rights, kReads, "N5 with the rights that were lent");
  check_equal(lent.info().value().bytes, 5 * Region::kPageBytes, "E16 it is as large as the lender made it");
  check_error(lent.map(read_write), kNotPermitted, "E16 lent for reading, it cannot be mapped for writing");
  const std::span<std::byte> bytes = lent.map(read_only).value();
  check(is_filled(bytes, 11), "E16 the lender's contents are there: the same pages");
  ask(Loan::Fill, 0, 12);
  check(is_filled(bytes, 12), "E16 and what it writes now is seen at once");
  check_equal(ask(Loan::Mappings).word[0], 2, "N5 both silos' mappings are counted");
  lent.unmap(bytes).value();
  check_equal(ask(Loan::Mappings).word[0], 1, "N5 unmapping here ends only the mapping here");
  check_equal(ask(Loan::Check, 0, 12).word[0], 1, "E16 the lender's own goes on");
  const std::span<std::byte> again = lent.map(read_only).value();
  ask(Loan::Close);
  check(is_filled(again, 12), "E16 the lender closes its handle: the region lives by the one that was lent");
  check_equal(lent.info().value().mappings, 1, "E16 and the lender's mapping is gone");
  check_equal(ask(Loan::Room, 256).word[0], 0, "B8 the lender pays for it until it is gone");
  lent.close().value();
}

void writing() {
  const Region lent = borrow(Loan::Make, 16, 21, kWrites);
  const std::span<std::byte> bytes = lent.map(read_write).value();
  fill(bytes, 22);
  check_equal(ask(Loan::Check, 0, 22).word[0], 1, "E16 what the borrower writes is seen by the lender");
  const Region second = borrow(Loan::Again, 0, 0, kReads);
  check_error(second.map(read_write), kNotPermitted, "N5 a second loan of the same region has its own rights");
  check(is_filled(second.map(read_only).value(), 22), "E16 and is the same memory");
  second.close().value();
  check(is_filled(bytes, 22), "E16 closing one loan leaves the other");
  lent.close().value();
  check_equal(ask(Loan::Check, 0, 22).word[0], 1, "E16 closing the last loan leaves the lender's memory as it is");
  ask(Loan::Close);
}

/// The lender and the borrower write in turn, all of a region each time.
void bulk(std::uint64_t pages, const char* text) {
  const Region lent = borrow(Loan::Make, pages, 31, kWrites);
  const std::span<std::byte> bytes = lent.map(read_write).value();
  bool good = bytes.size() == pages * Region::kPageBytes && is_filled(bytes, 31);
  for (std::uint32_t round = 0; round < 4; ++round) {
    fill(bytes, 100 + round);
    good = good && ask(Loan::Check, 0, 100 + round).word[0] == 1;
    ask(Loan::Fill, 0, 200 + round);
    good = good && is_filled(bytes, 200 + round);
  }
  check(good, text);
  ask(Loan::Close);
  lent.close().value();
}

/// This silo may have one region of its own, of four pages at most.
void moving() {
  const auto is_refused = [](std::uint64_t pages) {
    const granary_message reply = ask(Loan::Give, pages);
    return (reply.flags & GRANARY_FLAG_TRANSFER) == 0 && reply.word[0] == -GRANARY_EDQUOT && reply.word[1] == 1;
  };
  const Region first = borrow(Loan::Give, 2, 0, 0);
  check(static_cast<bool>(first), "B8 a region is moved to a silo that has room for it");
  check_ok(first.map(read_write), "B8 which owns it now");
  check(is_refused(1), "B8 to a silo whose quota of regions is full: EDQUOT for who moves it, and he keeps it");
  check_equal(first.info().value().mappings, 1, "B8 and here nothing has changed");
  first.close().value();
  Region second;
  check(eventually([&] { return static_cast<bool>(second = borrow(Loan::Give, 4, 0, 0)); }),
        "B8 one that is closed makes room for the next");
  second.close().value();
  check(is_refused(5), "B8 to a silo whose quota of pages it exceeds: EDQUOT as well");
}

}  // namespace

int main() {
  reading();
  writing();
  bulk(16, "E16 64 KiB go forth and back four times, each word checked");
  bulk(64, "E16 256 KiB");
  bulk(256, "E16 1 MiB");
  check_equal(ask(Loan::Room, 256).word[0], 1, "B8 after all that the lender's quota is whole");

  moving();

  const Region lent = borrow(Loan::Make, 40, 41, kWrites);
  const std::span<std::byte> bytes = lent.map(read_write).value();
  ask(Loan::End);
  check(eventually([&] { return lent.info().value().mappings == 1; }), "E16 the lender ends, and with it its mapping");
  check(is_filled(bytes, 41), "E16 what it lent is still there");
  fill(bytes, 42);
  check(is_filled(lent.map(read_only).value(), 42), "E16 and can be used and mapped as before");
  check_ok(lent.close(), "E16 the last handle of a dead silo's region is closed");
  return finish();
}
